"""Reports: workbooks for offices and schools, the upload board, the data dictionary.

Belongs here: turning contract frames into what people read. Does not belong here: computing statistics
(``indicators``), reading files (``sources``), deciding where reports lie (``resources``).
"""
