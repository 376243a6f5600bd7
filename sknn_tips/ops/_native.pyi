"""The compiled executor (`src/module.c`); missing if it was not built."""

KINDS: tuple[str, ...]
OPERATION_SIZE: int

def program(operations: bytes, is_double: bool, /) -> object: ...
def run(
    program: object,
    n_steps: int,
    index_address: int,
    start: int,
    batch: int,
    rates_address: int,
    rate_address: int,
    total_address: int,
    seconds: float,
    /,
) -> int: ...
def instruction_sets() -> tuple[str, ...]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str, /) -> None: ...
