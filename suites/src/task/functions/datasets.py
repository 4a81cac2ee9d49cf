"""The part of Hugging Face's `datasets` that process_docs functions use: a list of rows. What isn't here raises by name."""


class Dataset:
    def __init__(self, rows):
        self._rows = rows

    @classmethod
    def from_list(cls, rows):
        return cls([dict(row) for row in rows])

    @classmethod
    def from_dict(cls, columns):
        names = list(columns)
        return cls([dict(zip(names, values)) for values in zip(*columns.values())])

    @property
    def column_names(self):
        return list(self._rows[0]) if self._rows else []

    @property
    def features(self):
        return {name: None for name in self.column_names}

    @property
    def num_rows(self):
        return len(self._rows)

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return (dict(row) for row in self._rows)

    def __getitem__(self, key):
        if isinstance(key, str):
            return [row[key] for row in self._rows]
        if isinstance(key, slice):
            return {name: [row[name] for row in self._rows[key]] for name in self.column_names}
        return dict(self._rows[key])

    def to_list(self):
        return [dict(row) for row in self._rows]

    def map(self, function, with_indices=False, remove_columns=None, batched=False, **_):
        if batched:
            raise NotImplementedError("Dataset.map(batched=True) isn't supported here")
        removed = [remove_columns] if isinstance(remove_columns, str) else list(remove_columns or [])
        rows = []
        for index, row in enumerate(self):
            given = function(row, index) if with_indices else function(row)
            kept = {name: value for name, value in row.items() if name not in removed or name in (given or {})}
            rows.append({**kept, **(given or {})})
        return Dataset(rows)

    def filter(self, function, with_indices=False, **_):
        keep = (lambda row, index: function(row, index)) if with_indices else (lambda row, index: function(row))
        return Dataset([row for index, row in enumerate(self) if keep(row, index)])

    def select(self, indices, **_):
        return Dataset([dict(self._rows[index]) for index in indices])

    def sort(self, column, reverse=False, **_):
        return Dataset(sorted(self, key=lambda row: row[column], reverse=reverse))

    def rename_column(self, old, new):
        return self.rename_columns({old: new})

    def rename_columns(self, names):
        return Dataset([{names.get(name, name): value for name, value in row.items()} for row in self])

    def remove_columns(self, names):
        removed = [names] if isinstance(names, str) else list(names)
        return Dataset([{name: value for name, value in row.items() if name not in removed} for row in self])

    def select_columns(self, names):
        kept = [names] if isinstance(names, str) else list(names)
        return Dataset([{name: row[name] for name in kept} for row in self])

    def add_column(self, name, values, **_):
        return Dataset([{**row, name: value} for row, value in zip(self, values)])

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotImplementedError(f"Dataset.{name} isn't supported here")


class DatasetDict(dict):
    pass


def concatenate_datasets(parts, **_):
    return Dataset([row for part in parts for row in part])


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise NotImplementedError(f"datasets.{name} isn't supported here")
