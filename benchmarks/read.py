"""How fast field files are read, and with how much memory.

``python -m benchmarks.read [readings]`` writes one large file per format (nothing of it is
measured: distinct rows of dipole-dipole arrays in the layout of the public samples), reads each
in a process of its own and prints a table. CPU time counts, so that others at work on the
machine disturb little.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

READINGS = 200_000
ELECTRODES = 200
TARGETS = {"syscal-bin": 500_000}  #: readings/s; text 100,000
MEMORY = "at most 10 x file + 150 MB"


def quads(n: int) -> np.ndarray:
    """Return n rows of A, B, M, N (from 0), dipole-dipole with all sizes, again and again."""
    rows = []
    for size in range(1, 12):
        for gap in range(1, 40):
            first = np.arange(0, ELECTRODES - 2 * size - gap)
            rows.append(
                np.column_stack([first + size, first, first + size + gap, first + 2 * size + gap])
            )
    whole = np.vstack(rows)
    return np.resize(whole, (n, 4))


def readings(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return abmn, V/I in ohm, rho_a in ohm m and current in mA of a ground with noise."""
    abmn = quads(n)
    a, b, m, k = abmn.T.astype(float)
    inverse = 1 / np.abs(m - a) - 1 / np.abs(m - b) - 1 / np.abs(k - a) + 1 / np.abs(k - b)
    dice = np.random.default_rng(7)
    rho = 100.0 * np.exp(0.3 * dice.standard_normal(n))
    return abmn, rho * inverse / (2 * np.pi), rho, np.round(dice.uniform(50, 500, n), 2)


def clock(i: int) -> str:
    """Return second i of a day."""
    return f"{i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}"


def syscal_bin(n: int) -> bytes:
    """Syscal binary, records of 304 bytes."""
    abmn, ohm, rho, current = readings(n)
    record = np.zeros(n, dtype=np.dtype({
        "names": ["array", "more", "kind", "x", "sp", "vp", "in", "rho", "m", "dev", "tm", "mx",
                  "name", "stack", "vab", "date"],
        "formats": ["<i2", "<i2", "<i2", ("<f4", 4), "<f4", "<f4", "<f4", "<f4", "<f4", "<f4",
                    ("<f4", 20), ("<f4", 20), "S12", "<f4", "<f4", "<f8"],
        "offsets": [0, 2, 12, 16, 64, 68, 72, 76, 80, 84, 88, 168, 252, 272, 280, 296],
        "itemsize": 304,
    }))  # fmt: skip
    record["more"], record["kind"], record["x"] = 3, 1, abmn
    record["vp"], record["in"], record["rho"] = ohm * current, current, rho
    record["sp"], record["dev"], record["m"] = 3.0, 0.4, 5.0
    record["tm"], record["mx"] = 40.0, np.linspace(9, 1, 20)
    record["name"], record["stack"], record["vab"] = b"line 1", 6, 400.0
    record["date"] = 45000.0 + np.arange(n) / 86400.0
    return (0x80000002).to_bytes(4, "little") + b"\x08" + bytes(1024) + record.tobytes()


def syscal_text(n: int) -> bytes:
    """Prosys II text, 80 columns."""
    abmn, ohm, rho, current = readings(n)
    gates = ",".join(f"M{i}" for i in range(1, 21))
    widths = ",".join(f"TM{i}" for i in range(1, 21))
    out = io.StringIO()
    out.write(",El-array,Spa.1,Spa.2,Spa.3,Spa.4,Rho ,Dev., M  ,Sp  ,Vp  ,In  ,Time,")
    out.write(",".join(f"Spa.{i}" for i in range(5, 13)))
    out.write(f",{gates},Mdly,{widths},Stack,Rs-Check,Vab ,Pab ,Rab ,Latitude,Longitude,Name,")
    out.write("Channel,Overload,Tx-Bat,Rx-Bat,Temp.,Date,Cole Tau,Cole M,Cole rms\n")
    zeros, decay = ",".join(["0.00"] * 8), ",".join(f"{v:.2f}" for v in np.linspace(9, 1, 20))
    times = ",".join(["40"] * 20)
    for i, ((a, b, m, k), r, rh, c) in enumerate(zip(abmn, ohm, rho, current, strict=True)):
        date = f"{1 + i // 86400 % 28:02d}/09/2017 {clock(i)}"
        out.write(
            f",Mixed,{a:.2f},{b:.2f},{m:.2f},{k:.2f},{rh:.2f},0.3,3.21,-1.4,{r * c:.3f},{c:.2f},"
            f"500,{zeros},{decay},60,{times},6,0.00,581,107,3.2,00.000000,00.000000,17092803,1,0,"
            f"11.22,12.50,24.1,{date},0.0,0.00,0.0\n"
        )
    return out.getvalue().encode()


def bert(n: int) -> bytes:
    """BERT with R, rho_a and error."""
    abmn, ohm, rho, _ = readings(n)
    out = io.StringIO()
    out.write(f"{ELECTRODES}\n# x z\n")
    out.write("".join(f"{i}\t0\n" for i in range(ELECTRODES)))
    out.write(f"{n}\n# a b m n r rhoa err\n")
    for (a, b, m, k), r, rh in zip(abmn + 1, ohm, rho, strict=True):
        out.write(f"{a}\t{b}\t{m}\t{k}\t{r:.6e}\t{rh:.4f}\t0.0312\n")
    out.write("0\n")
    return out.getvalue().encode()


def res2dinv(n: int) -> bytes:
    """Res2DInv, general array with rho_a."""
    abmn, _, rho, _ = readings(n)
    out = io.StringIO()
    out.write("Benchmark\n1.0\n11\n3\nType of measurement (0=app. resistivity,1=resistance)\n0\n")
    out.write(f"{n}\n1\n0\n")
    for (a, b, m, k), rh in zip(abmn, rho, strict=True):
        out.write(f"4  {a:.2f} 0.0  {b:.2f} 0.0  {m:.2f} 0.0  {k:.2f} 0.0  {rh:.4f}\n")
    out.write("0\n0\n0\n0\n")
    return out.getvalue().encode()


def stg(n: int) -> bytes:
    """SuperSting."""
    abmn, ohm, rho, current = readings(n)
    out = io.StringIO()
    out.write("Advanced Geosciences, Inc. SuperSting R8-IP Resistivity meter. S/N: 1 Type: 3D\n")
    out.write(f"Firmware version: 01.03.41E Survey period: 20091124 Records: {n}\nUnit: meter\n")
    for i, (row, r, rh, c) in enumerate(zip(abmn, ohm, rho, current, strict=True)):
        j = i // 8
        places = ",".join(f" {x:.5E}, 0.00000E+00, 0.00000E+00" for x in row)
        date = (
            f"200911{1 + j // 86400 % 28:02d},{j // 3600 % 24:02d}:{j // 60 % 60:02d}:{j % 60:02d}"
        )
        out.write(
            f"{i + 1:4d},USER   ,{date}, {r:.5E},  12,{c:.0f}, {rh:.5E},X0       ,{places},"
            f"Cmd={j},HV=346,Cyk=1,MTime=0.8,Gain=10,Ch={1 + i % 8}\n"
        )
    return out.getvalue().encode()


def tx0(n: int) -> bytes:
    """Lippmann with decimal points."""
    abmn, ohm, rho, current = readings(n)
    out = io.StringIO()
    out.write("* Data file >bench.tx0<  * 20.09.2023\n* Electrode positions ****\n")
    for i in range(ELECTRODES):
        out.write(f"* Electrode [{i + 1:3d}] x y z (m) = {i:11.3f} {0:11.3f} {0:11.3f}\n")
    out.write("* Data ****\n* num    A    B    M    N        I         U      dU       U90    dU90"
              "       rho     phi     f   n nAB  Profile   Spread  PseudoZ            X            "
              "Y           Z       Date        Time  U(Tx)\n*  mA mV % mV % Ohmm mrad Hz - - m m m "
              "m m m yyyy.mm.dd hh:mm:ss.ss V\n")  # fmt: skip
    for i, ((a, b, m, k), r, rh, c) in enumerate(zip(abmn + 1, ohm, rho, current, strict=True)):
        out.write(
            f"{i + 1:5d} {a:4d} {b:4d} {m:4d} {k:4d} {c:.4f} {r * c:.5f}   0.002   0.08020   0.175"
            f" {rh:.3f}   2.747  8.33   2   5    3.750    7.500    1.462        3.750        0.000"
            f"      -1.462 2023.09.{1 + i // 86400 % 28:02d} {clock(i)}.46  17.60\n"
        )
    return out.getvalue().encode()


MAKERS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "syscal-bin": ("large.bin", syscal_bin),
    "syscal-text": ("large.csv", syscal_text),
    "bert": ("large.ohm", bert),
    "res2dinv": ("large.dat", res2dinv),
    "sting": ("large.stg", stg),
    "lippmann": ("large.tx0", tx0),
}


def read_once(path: Path) -> dict[str, float]:
    """Read a file in this process; return seconds and the memory that it took."""
    from ohmscape import formats

    formats.formats()
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
    before = _memory("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    data = formats.read(path)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = _memory("VmHWM") - before
    return {"cpu": cpu, "wall": wall, "memory": memory, "n": len(data)}


def _memory(field: str) -> float:
    """Return one field of /proc/self/status in MB."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in status if line.startswith(field)) / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readings", type=int, nargs="?", default=READINGS)
    parser.add_argument("--only", help="one format")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.file:
        print(json.dumps(read_once(wanted.file)))
        return
    print(f"one core, {wanted.readings} readings a file; target 500,000/s (.bin), 100,000/s (text),"
          f" memory {MEMORY}\n")  # fmt: skip
    print(
        "| format | file MB | CPU s | readings/s (CPU) | readings/s (wall) | memory MB | allowed |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (file, make) in MAKERS.items():
            if wanted.only not in (None, name):
                continue
            path = Path(folder) / file
            path.write_bytes(make(wanted.readings))
            command = [sys.executable, "-m", "benchmarks.read", "--file", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"| {name} | {(done.stderr.strip() or '?').splitlines()[-1][:200]} |")
                continue
            found = json.loads(done.stdout)
            size = path.stat().st_size / 1e6
            path.unlink()
            print(
                f"| {name} | {size:.0f} | {found['cpu']:.2f} | {found['n'] / found['cpu']:,.0f} |"
                f" {found['n'] / found['wall']:,.0f} | {found['memory']:.0f} |"
                f" {10 * size + 150:.0f} |"
            )


if __name__ == "__main__":
    main()
