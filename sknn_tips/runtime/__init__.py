"""Settings of the process: threads, devices, memory, Ctrl-C, files."""
