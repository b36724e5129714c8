"""A Modbus server by pymodbus: FRAMING(tcp|rtu) MISSING(silent|gateway) [PORT]. Prints "listening PORT".

Units 1 and 3 have coils, discrete inputs, holding and input registers 0 to 199; holding register 50 does not exist.
Other units do not answer, or are reported by exception 11. Standard input lines: "get UNIT holding|input|coil|discrete INDEX COUNT"
prints the values, "set UNIT TABLE INDEX VALUE..." changes them; the process ends when standard input closes.
"""
import asyncio
import logging
import os
import sys
import threading
import types

# The package imports its serial port driver even for TCP; without one installed, an empty stand-in will do.
for name in ("serial", "serial_asyncio"):
    try:
        __import__(name)
    except ImportError:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].create_serial_connection = None

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import async_io
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

logging.disable(logging.CRITICAL)
FUNCTION = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


def unit():
    return ModbusSlaveContext(
        co=ModbusSequentialDataBlock(0, [0] * 200), di=ModbusSequentialDataBlock(0, [0] * 200),
        ir=ModbusSequentialDataBlock(0, [0] * 200), hr=ModbusSparseDataBlock({i: 0 for i in range(200) if i != 50}), zero_mode=True)


units = {1: unit(), 3: unit()}


def listen_to_the_test():
    for line in sys.stdin:
        verb, number, table, index, *rest = line.split()
        store, function = units[int(number)], FUNCTION[table]
        if verb == "get":
            print(*[int(v) for v in store.getValues(function, int(index), int(rest[0]))], flush=True)
        else:
            store.setValues(function, int(index), [int(v) for v in rest])
            print("done", flush=True)
    os._exit(0)


async def main(framing, missing, port):
    if missing == "gateway":
        units[255] = unit()  # with this number among them, the framer lets requests for missing units through to the exception
    server = async_io.ModbusTcpServer(
        ModbusServerContext(slaves=units, single=False), framer=ModbusRtuFramer if framing == "rtu" else ModbusSocketFramer,
        address=("127.0.0.1", port), ignore_missing_slaves=missing == "silent", allow_reuse_address=True)
    task = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print("listening", server.server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=listen_to_the_test, daemon=True).start()
    await task


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
