"""Lake → tables. To be read in this order:

``transaction.py``  one build, full or by differences: all tables in their order, in one transaction
``last_build.py``   what the tables were last built from, and which files of the lake came and went since
``full.py``         a table by its own query over all rows
``difference.py``   the rows that came into what a model reads, and those that went
``merge.py``        tables of kind ``merge``: new rows compete with the table's rows of their keys
``sums.py``         tables of kind ``sum``: the sums over what came, less those over what went, are added
``relations.py``    a model's query over other rows than those it names
``kinds.py``        what a model must be so that its kind is right
"""
