"""The product attacked as an adversary would: whoever takes the data folder, a backup, two snapshots, the exports, the
figures or the log, without keys, and wants to know who said what.

A session (`session.py`) whose truth only the test knows is played once on each database (`stage.py`): thirty people,
four days. The attacks know no table's name: they find out which rows are a person's and which hold what was said
(`rows.py`) and lay every order of the ones beside every order of the others (`linking.py`). The bound of all is chance
+ 3 σ (`chance.py`). Each attack must find a link planted where it looks (`planting.py`).

test_orders.py
    rows, index entries and cells by their place in the file, row numbers, columns, lengths, PostgreSQL's ctid, xmin and
    xmax, dead rows and index entries in its pages, transactions of SQLite's log (left-over frames too), and backups,
    beside each other; and beside a watch from outside that saw who acted when
test_two_nights.py
    copies of two nights: whose rows changed, in which column, by how many bytes, and every value, date or length in
    which some people differ from others, beside who said something that day, and who was there at all
test_leftovers.py
    whatever lay in a table and was deleted, looked for in every byte of the folder or of PostgreSQL's files; names of
    those who left; PostgreSQL's write-ahead log
test_files.py
    pictures: inode, times and place in the folder beside the order in which they came; keys: touched by no act
test_outputs.py
    exports (three known answers, the fourth; the order of their lines) and figures
test_with_keys.py
    with all living keys: what an open sealed poll must not tell even then, nor a closed one; and whether anything of an
    answer in clear lay there while it was sealed
"""
