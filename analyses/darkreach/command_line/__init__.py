"""The command line: one file a command, options and displays shared."""
