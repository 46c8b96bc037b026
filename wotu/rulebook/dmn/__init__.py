"""DMN 1.5: XML -> model -> linked, compiled network.

model.py is what a document says, reader.py reads it, types.py makes its types, boxed.py and table.py its logic, graph.py
joins models and evaluates decisions in order of need, given.py and possible.py bring values from outside.
"""
