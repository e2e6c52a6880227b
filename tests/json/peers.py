"""peers.py DESCRIPTORS CONVERT CASES: cases.txt as Python's protobuf sees it.

Every JSON of the table that is read is also read by google.protobuf.json_format, and gives the same message; every
message prints as JSON that json_format reads as the same message; what is refused is refused by it too. Lines whose verb
ends with "!" are not asked: there the two are known to differ. Then random messages, made by Python from a seed, are
printed by one and read by the other, both ways. Ends with 77 (skipped) where python3-protobuf is not installed.
"""
import json
import os
import random
import subprocess
import sys
import time

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
except ImportError:
    print("skipped: python3-protobuf is not installed")
    sys.exit(77)

failures = 0


def fail(what, got, want):
    global failures
    failures += 1
    print(f"{what}\n  got  {got}\n  want {want}", file=sys.stderr)


class Ours:
    """The program convert, asked line by line."""

    def __init__(self, program, descriptors):
        self.process = subprocess.Popen([program, descriptors], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8")

    def ask(self, verb, type_name, rest):
        self.process.stdin.write(f"{verb} {type_name} {rest}\n")
        self.process.stdin.flush()
        verdict, _, answer = self.process.stdout.readline().rstrip("\n").partition(" ")
        return verdict == "ok", answer


class Peer:
    """json_format over the same descriptors."""

    def __init__(self, descriptors):
        files = descriptor_pb2.FileDescriptorSet()
        with open(descriptors, "rb") as file:
            files.ParseFromString(file.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)

    def new(self, type_name):
        full = type_name if "." in type_name else "jsontest." + type_name
        return message_factory.MessageFactory(self.pool).GetPrototype(self.pool.FindMessageTypeByName(full))()

    def read(self, type_name, text):
        message = self.new(type_name)
        json_format.Parse(text, message, descriptor_pool=self.pool)
        return message


def check_read(ours, peer, line, type_name, text):
    """Read by both, the message is the same, and what we print of it both read alike."""
    good, answer = ours.ask("read", type_name, text)
    if not good:
        return fail(f"line {line}: we refuse", answer, text)
    try:
        theirs = peer.read(type_name, text)
    except Exception as error:  # it also stumbles with others than ParseError
        return fail(f"line {line}: the peer refuses", repr(error), text)
    same = peer.new(type_name)
    same.ParseFromString(bytes.fromhex(answer))
    if not equal(same, theirs):
        return fail(f"line {line}: the messages differ", same, theirs)
    good, printed = ours.ask("print", type_name, theirs.SerializeToString().hex())
    if not good:
        return fail(f"line {line}: we do not print", printed, theirs)
    if not equal(peer.read(type_name, printed), theirs):
        return fail(f"line {line}: the peer reads what we print otherwise", printed, theirs)


def equal(one, other):
    """Serialized in one order, because NaN is not equal to itself."""
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)


def check_refused(ours, peer, line, type_name, text):
    good, answer = ours.ask("read", type_name, text)
    if good:
        return fail(f"line {line}: we do not refuse", answer, text)
    try:
        theirs = peer.read(type_name, text)
    except Exception:  # whatever it stumbles with
        return
    fail(f"line {line}: the peer does not refuse", theirs, text)


def run_table(ours, peer, path):
    asked = 0
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#") or not line.strip():
                continue
            head, _, right = line.rstrip("\n").rpartition(" | ")
            head, _, left = head.partition(" | ")
            verb, type_name = head.split()
            if verb == "text":
                check_read(ours, peer, number, type_name, right)
            elif verb == "json":
                check_read(ours, peer, number, type_name, left)
            elif verb == "refuse":
                check_refused(ours, peer, number, type_name, left)
            asked += verb in ("text", "json", "refuse")
    return asked


# ---- random messages ----

TEXTS = ["", "a", "장터", "\"\\\n\x00\x7f", "😀", " x "]
INTS = {"INT32": (-2**31, 2**31 - 1), "SINT32": (-2**31, 2**31 - 1), "SFIXED32": (-2**31, 2**31 - 1),
        "INT64": (-2**63, 2**63 - 1), "SINT64": (-2**63, 2**63 - 1), "SFIXED64": (-2**63, 2**63 - 1),
        "UINT32": (0, 2**32 - 1), "FIXED32": (0, 2**32 - 1), "UINT64": (0, 2**64 - 1), "FIXED64": (0, 2**64 - 1)}


def random_scalar(rng, field):
    name = descriptor_pb2.FieldDescriptorProto.Type.Name(field.type)[len("TYPE_"):]
    if name in INTS:
        low, high = INTS[name]
        return rng.choice([0, 1, low, high, rng.randint(low, high), rng.randint(max(low, -200), 200)])
    if name in ("FLOAT", "DOUBLE"):
        return rng.choice([0.0, 1.5, -1e-9, 1e30, rng.uniform(-1, 1), rng.uniform(-1e12, 1e12), float("inf"), 5e-40])
    if name == "BOOL":
        return rng.random() < 0.5
    if name == "STRING":
        return rng.choice(TEXTS)
    if name == "BYTES":
        return bytes(rng.randrange(256) for _ in range(rng.randrange(5)))
    return rng.choice(field.enum_type.values).number


def fill_known(rng, message, depth):
    """Well-known types must have values that have a JSON. False: message is none of them."""
    name = message.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        message.seconds, message.nanos = rng.randint(-62135596800, 253402300799), rng.choice([0, 1, 5 * 10**8, 12000])
    elif name == "google.protobuf.Duration":
        message.seconds = rng.randint(-315576000000, 315576000000)
        message.nanos = rng.choice([0, 1, 5 * 10**8, 12000]) * (-1 if message.seconds < 0 else 1)
    elif name == "google.protobuf.FieldMask":
        message.paths.extend(rng.choice(["a", "foo_bar", "a.b_c"]) for _ in range(rng.randrange(3)))
    elif name == "google.protobuf.Value":
        kind = rng.randrange(6 if depth > 0 else 4)
        if kind == 0:
            message.null_value = 0
        elif kind == 1:
            message.number_value = rng.uniform(-1e6, 1e6)
        elif kind == 2:
            message.string_value = rng.choice(TEXTS)
        elif kind == 3:
            message.bool_value = rng.random() < 0.5
        elif kind == 4:
            message.struct_value.SetInParent()
            fill_known(rng, message.struct_value, depth - 1)
        else:
            message.list_value.SetInParent()
            fill_known(rng, message.list_value, depth - 1)
    elif name == "google.protobuf.Struct":
        for _ in range(rng.randrange(3)):
            fill_known(rng, message.fields[rng.choice(TEXTS)], depth - 1)
    elif name == "google.protobuf.ListValue":
        for _ in range(rng.randrange(3)):
            fill_known(rng, message.values.add(), depth - 1)
    elif name == "google.protobuf.Any":
        pass  # cases.txt has them
    else:
        return False
    return True


def is_null(field):
    """json_format writes NullValue in a list or oneof so that it cannot read it again."""
    return field.enum_type is not None and field.enum_type.full_name == "google.protobuf.NullValue"


def fill(rng, message, depth):
    if fill_known(rng, message, depth):
        return
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.5 or is_null(field):
            continue
        entry = field.message_type is not None and field.message_type.GetOptions().map_entry
        count = rng.randrange(4)
        if entry:
            value = field.message_type.fields_by_name["value"]
            for _ in range(count):
                key = random_scalar(rng, field.message_type.fields_by_name["key"])
                if value.message_type is not None:
                    fill(rng, getattr(message, field.name)[key], depth - 1)
                else:
                    getattr(message, field.name)[key] = random_scalar(rng, value)
        elif field.label == field.LABEL_REPEATED:
            for _ in range(count if depth > 0 or field.message_type is None else 0):
                if field.message_type is not None:
                    fill(rng, getattr(message, field.name).add(), depth - 1)
                else:
                    getattr(message, field.name).append(random_scalar(rng, field))
        elif field.message_type is None:
            setattr(message, field.name, random_scalar(rng, field))
        elif depth > 0:
            getattr(message, field.name).SetInParent()
            fill(rng, getattr(message, field.name), depth - 1)


def run_random(ours, peer, seed, count):
    rng = random.Random(seed)
    for i in range(count):
        type_name = rng.choice(["Scalars", "Optionals", "Lists", "Maps", "Choice", "Known", "Tree", "Outer"])
        message = peer.new(type_name)
        fill(rng, message, 3)
        what = f"random message {i} ({type_name}) of seed {seed}"
        good, printed = ours.ask("print", type_name, message.SerializeToString().hex())
        if not good:
            fail(f"{what}: we do not print", printed, message)
            continue
        theirs = json_format.MessageToJson(message, descriptor_pool=peer.pool, indent=None)
        if json.loads(printed) != json.loads(theirs):
            fail(f"{what}: printed otherwise", printed, theirs)
        good, wire = ours.ask("read", type_name, theirs)
        if not good:
            fail(f"{what}: we refuse what the peer prints", wire, theirs)
            continue
        again = peer.new(type_name)
        again.ParseFromString(bytes.fromhex(wire))
        if not equal(again, peer.read(type_name, theirs)):
            fail(f"{what}: read otherwise", again, message)


def main():
    descriptors, program, cases = sys.argv[1:4]
    seed = int(os.environ.get("MARU_SEED", time.time_ns()))
    print(f"MARU_SEED={seed}")
    ours, peer = Ours(program, descriptors), Peer(descriptors)
    asked = run_table(ours, peer, cases)
    print(f"{'ok' if failures == 0 else 'not ok'} - {asked} lines of the table are as Python's protobuf has them")
    before = failures
    run_random(ours, peer, seed, int(os.environ.get("MARU_ROUNDS", "1500")))
    print(f"{'ok' if failures == before else 'not ok'} - random messages go from one to the other, both ways")
    ours.process.stdin.close()
    ours.process.wait()
    return 1 if failures or asked < 250 else 0


if __name__ == "__main__":
    sys.exit(main())
