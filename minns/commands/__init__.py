"""Groups of commands, a module each, which the command line takes in."""
