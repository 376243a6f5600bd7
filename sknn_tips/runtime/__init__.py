"""The process: threads, devices, Ctrl-C."""
