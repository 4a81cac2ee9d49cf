//! Python values as the grammar computes them, printed the way Python's `repr` prints them.

/// A Python value. Dictionaries keep the order of insertion, as Python's do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An integer; wide enough that short pipelines cannot overflow it unnoticed.
    Int(i128),
    /// A string without quotes, backslashes or line breaks.
    Str(String),
    /// A list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A dictionary.
    Dict(Vec<(Value, Value)>),
    /// A set; kept sorted so that it prints the same way every time.
    Set(Vec<Value>),
}

impl Value {
    /// A list of integers.
    pub fn ints(items: impl IntoIterator<Item = i128>) -> Self {
        Self::List(items.into_iter().map(Self::Int).collect())
    }

    /// A list of strings.
    pub fn strs<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::List(items.into_iter().map(|s| Self::Str(s.into())).collect())
    }

    /// A string.
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(text.into())
    }

    /// The value as Python source.
    pub fn literal(&self) -> String {
        fn join(items: &[Value]) -> String {
            items.iter().map(Value::literal).collect::<Vec<_>>().join(", ")
        }
        match self {
            Self::None => "None".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Int(n) => n.to_string(),
            Self::Str(s) => format!("'{s}'"),
            Self::List(items) => format!("[{}]", join(items)),
            Self::Tuple(items) if items.len() == 1 => format!("({},)", items[0].literal()),
            Self::Tuple(items) => format!("({})", join(items)),
            Self::Dict(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(k, v)| format!("{}: {}", k.literal(), v.literal())).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Self::Set(items) if items.is_empty() => "set()".into(),
            Self::Set(items) => format!("{{{}}}", join(items)),
        }
    }

    /// Whether every integer in the value is small enough to read (below a million in size).
    pub fn is_readable(&self) -> bool {
        match self {
            Self::Int(n) => n.unsigned_abs() < 1_000_000,
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => items.iter().all(Self::is_readable),
            Self::Dict(entries) => entries.iter().all(|(k, v)| k.is_readable() && v.is_readable()),
            Self::None | Self::Bool(_) | Self::Str(_) => true,
        }
    }
}

/// The arguments and constants of one call, with typed access: `None` where the type is another one, which makes a
/// rule's evaluation give up rather than answer wrongly.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The arguments in the order in which the rule names them.
    pub args: &'a [Value],
    /// The rule's constants.
    pub consts: &'a [i128],
}

impl Call<'_> {
    /// Constant number `i`.
    pub fn k(&self, i: usize) -> i128 {
        self.consts.get(i).copied().unwrap_or_default()
    }

    /// Argument `i` as an integer.
    pub fn int(&self, i: usize) -> Option<i128> {
        match self.args.get(i)? {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// Argument `i` as a string.
    pub fn str(&self, i: usize) -> Option<&str> {
        match self.args.get(i)? {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The characters of argument `i`.
    pub fn chars(&self, i: usize) -> Option<Vec<char>> {
        Some(self.str(i)?.chars().collect())
    }

    /// Argument `i` as a list, tuple or set.
    pub fn items(&self, i: usize) -> Option<&[Value]> {
        match self.args.get(i)? {
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }

    /// Argument `i` as a list of integers.
    pub fn ints(&self, i: usize) -> Option<Vec<i128>> {
        as_ints(self.items(i)?)
    }

    /// Argument `i` as a list of strings.
    pub fn strs(&self, i: usize) -> Option<Vec<String>> {
        as_strs(self.items(i)?)
    }

    /// Argument `i` as rows of integers.
    pub fn rows(&self, i: usize) -> Option<Vec<Vec<i128>>> {
        self.items(i)?
            .iter()
            .map(|row| match row {
                Value::List(items) | Value::Tuple(items) => as_ints(items),
                _ => None,
            })
            .collect()
    }

    /// Argument `i` as a dictionary from strings to integers.
    pub fn dict(&self, i: usize) -> Option<Vec<(String, i128)>> {
        match self.args.get(i)? {
            Value::Dict(entries) => entries
                .iter()
                .map(|(k, v)| match (k, v) {
                    (Value::Str(k), Value::Int(v)) => Some((k.clone(), *v)),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }
}

fn as_ints(items: &[Value]) -> Option<Vec<i128>> {
    items
        .iter()
        .map(|item| match item {
            Value::Int(n) => Some(*n),
            _ => None,
        })
        .collect()
}

fn as_strs(items: &[Value]) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| match item {
            Value::Str(s) => Some(s.clone()),
            _ => None,
        })
        .collect()
}

/// Python's `%` for a positive divisor.
pub fn modulo(a: i128, b: i128) -> i128 {
    a.rem_euclid(b)
}

/// Python's `//` for a positive divisor: rounds down.
pub fn floor_div(a: i128, b: i128) -> i128 {
    a.div_euclid(b)
}
