"""Spreadsheets on their way in: file -> sheets -> layout -> mapping -> rows -> facts; each step a function of the one before."""
