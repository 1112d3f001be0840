"""A process of its own that changes the key of a store; tests kill it.

python rotating.py DATA_DIR KEY_FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.store import datadir, rotation

if __name__ == "__main__":
    data_dir, key_file = Path(sys.argv[1]), Path(sys.argv[2])
    key = datadir.unlock(data_dir, key_file)
    print("unlocked", flush=True)
    print(rotation.rotate(data_dir, key, key_file=datadir.read_key_file(key_file)), flush=True)
