"""Settings of the process: threads, devices, Ctrl-C."""
