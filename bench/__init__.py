"""How fast, against whom: one file a question, a manifest of them, fixtures made anew each time and always the same.

`python -m bench` prints one table; `python -m bench screening --full --json FILE` asks one question at all sizes.
"""
