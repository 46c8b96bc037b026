"""Handlers of the interpreter, one group of nodes a file; compile.py puts them together."""
