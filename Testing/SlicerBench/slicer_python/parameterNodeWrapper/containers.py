"""Lists and dictionaries that write themselves to the parameter node when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any


class ObservedList(MutableSequence):
    """A list; ``save`` writes it and gives back what the node then holds, which is the old list where it refused."""

    def __init__(self, values: list[Any], save: Callable[[list[Any]], list[Any]]) -> None:
        self._values, self._save = values, save

    def _change(self, change: Callable[[list[Any]], Any]) -> Any:
        values = list(self._values)
        result = change(values)
        self._values = self._save(values)
        return result

    def __getitem__(self, index: Any) -> Any:
        return self._values[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._change(lambda values: values.__setitem__(index, value))

    def __delitem__(self, index: Any) -> None:
        self._change(lambda values: values.__delitem__(index))

    def __len__(self) -> int:
        return len(self._values)

    def insert(self, index: int, value: Any) -> None:
        self._change(lambda values: values.insert(index, value))

    def extend(self, added: Iterable[Any]) -> None:
        self._change(lambda values: values.extend(added))

    def __iadd__(self, added: Iterable[Any]) -> ObservedList:
        self.extend(added)
        return self

    def sort(self, **options: Any) -> None:
        self._change(lambda values: values.sort(**options))

    def reverse(self) -> None:
        self._change(lambda values: values.reverse())

    def clear(self) -> None:
        self._change(lambda values: values.clear())

    def __add__(self, other: Any) -> None:
        raise NotImplementedError("Adding an ObservedList is not supported. However, += is supported.")

    __radd__ = __add__

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, ObservedList) else other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"ObservedList({self._values})"


class ObservedDict(MutableMapping):
    """A dictionary; see ``ObservedList``."""

    def __init__(self, values: dict[Any, Any], save: Callable[[dict[Any, Any]], dict[Any, Any]]) -> None:
        self._values, self._save = values, save

    def _change(self, change: Callable[[dict[Any, Any]], Any]) -> None:
        values = dict(self._values)
        change(values)
        self._values = self._save(values)

    def __getitem__(self, key: Any) -> Any:
        return self._values[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._change(lambda values: values.__setitem__(key, value))

    def __delitem__(self, key: Any) -> None:
        self._change(lambda values: values.__delitem__(key))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def popitem(self) -> tuple[Any, Any]:
        item = next(reversed(self._values.items()))
        del self[item[0]]
        return item

    def clear(self) -> None:
        self._change(lambda values: values.clear())

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, ObservedDict) else other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"ObservedDict({self._values})"
