"""Call logs for the tests of the readers: small files, written where a test wants them."""

import gzip
from pathlib import Path

TECHNION_HEADER = (
    "vru+line,call_id,known_customer,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,"
    "q_time,outcome,ser_start,ser_exit,ser_time,server"
)
AT_ONCE = (
    "AA0101,1,0,0,PS,990103,8:00:00,8:00:10,10,0:00:00,0:00:00,0,AGENT,8:00:09,8:02:09,120,A01"
)
WAITED = "AA0101,2,1,2,PS,990103,8:01:00,8:01:06,6,8:01:06,8:02:36,90,AGENT,8:02:35,8:03:35,60,A01"
GAVE_UP = (
    "AA0101,3,1,1,NW,990103,8:02:00,8:02:05,5,8:02:05,8:02:35,30,HANG,0:00:00,0:00:00,0,NO_SERVER"
)
HUNG_UP = (
    "AA0101,4,0,0,PS,990103,8:03:00,8:03:02,2,0:00:00,0:00:00,0,HANG,0:00:00,0:00:00,0,NO_SERVER"
)
BACKWARDS = AT_ONCE.replace("8:00:10,10", "7:59:50,-10")

QUEUE_LOG = """\
1704096000|c1|sales|NONE|ENTERQUEUE||5551|1
1704096010|c1|sales|SIP/101|CONNECT|10|c1.b|2
1704096100|c1|sales|SIP/101|COMPLETECALLER|10|90|1
1704096120|c2|sales|NONE|ENTERQUEUE||5552|1
1704096150|c2|sales|NONE|ABANDON|1|1|30
1704096160|c3|service|NONE|ENTERQUEUE||5553|1
1704096200|c3|service|NONE|EXITWITHTIMEOUT|1|1|40
1704096210|c4|service|NONE|FULL
1704096220|NONE|NONE|SIP/101|PAUSE|lunch
"""

CDR = (
    '"","5551","100","in","""A"" <5551>","SIP/t-01","SIP/101-7","Queue","sales",'
    '"2024-01-01 08:00:00","2024-01-01 08:00:12","2024-01-01 08:01:12",72,60,"ANSWERED","3","u1"\n'
    '"","5552","100","in","5552","SIP/t-02","","Queue","sales",'
    '"2024-01-01 08:02:00","","2024-01-01 08:02:30",30,0,"NO ANSWER","3","u2"\n'
    '"","5553","100","in","5553","SIP/t-03","","","",'
    '"2024-01-01 08:03:00","","2024-01-01 08:03:00",0,0,"BUSY","3","u3"\n'
)


def technion(folder: Path, *rows: str, header: str = TECHNION_HEADER) -> Path:
    """A file in the bank's format with these rows, gzipped."""
    path = folder / "calls.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode()))
    return path


def text(folder: Path, content: str, name: str = "calls.csv") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path
