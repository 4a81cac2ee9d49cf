//! The value of a mathematical expression in normal form, for given values of its letters.

/// Nesting that is followed at most.
const MAX_DEPTH: usize = 40;

/// A function of one number.
type Function = fn(f64) -> f64;

/// Such functions by LaTeX's names.
const FUNCTIONS: [(&str, Function); 5] =
    [("\\sin", f64::sin), ("\\cos", f64::cos), ("\\tan", f64::tan), ("\\ln", f64::ln), ("\\log", f64::log10)];

/// The value of an expression; none where it isn't one. `letter` gives the value of a letter or a command that stands for
/// one (`\alpha`).
pub(super) fn value(text: &str, letter: &dyn Fn(&str) -> f64) -> Option<f64> {
    let mut reader = Reader { rest: text, letter, depth: 0 };
    let value = reader.sum()?;
    reader.rest.is_empty().then_some(value)
}

/// Whether a text can only be read as words: three letters in a row outside of a command.
pub(super) fn has_words(text: &str) -> bool {
    let (mut run, mut in_command) = (0, false);
    for c in text.chars() {
        in_command = c == '\\' || (in_command && c.is_ascii_alphabetic());
        run = if c.is_alphabetic() && !in_command { run + 1 } else { 0 };
        if run >= 3 {
            return true;
        }
    }
    false
}

struct Reader<'a> {
    rest: &'a str,
    letter: &'a dyn Fn(&str) -> f64,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            // A command ends where its letters end.
            Some(rest)
                if !(token.starts_with('\\')
                    && token.len() > 2
                    && rest.starts_with(|c: char| c.is_ascii_alphabetic())) =>
            {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn sum(&mut self) -> Option<f64> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let mut value = if self.take("-") {
            -self.product()?
        } else {
            self.take("+");
            self.product()?
        };
        loop {
            if self.take("+") {
                value += self.product()?;
            } else if self.take("-") {
                value -= self.product()?;
            } else {
                self.depth -= 1;
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let digits = self.rest.starts_with(|c: char| c.is_ascii_digit());
        let mut value = self.power()?;
        // A whole number before a fraction is a mixed number, as MATH's answers have it.
        if digits && value.fract() == 0.0 && self.rest.starts_with("\\frac{") {
            let part = self.power()?;
            value += part;
        }
        loop {
            if self.take("*") {
                value *= self.power()?;
            } else if self.take("/") {
                value /= self.power()?;
            } else if self.rest.is_empty()
                || self.rest.starts_with(['+', '-', ')', '}', ']', ',', '=', '&', '|', '<', '>'])
            {
                return Some(value);
            } else {
                value *= self.power()?;
            }
        }
    }

    fn power(&mut self) -> Option<f64> {
        let base = self.atom()?;
        if !self.take("^") {
            return if self.take("!") { factorial(base) } else { Some(base) };
        }
        let exponent = if self.rest.starts_with('{') { self.braced()? } else { self.single()? };
        Some(base.powf(exponent))
    }

    /// An exponent or an argument without braces: one digit, letter or command.
    fn single(&mut self) -> Option<f64> {
        if self.take("-") {
            return self.single().map(|value| -value);
        }
        match self.rest.chars().next()? {
            digit if digit.is_ascii_digit() => {
                self.rest = &self.rest[1..];
                digit.to_digit(10).map(f64::from)
            }
            _ => self.atom(),
        }
    }

    fn braced(&mut self) -> Option<f64> {
        (self.take("{")).then_some(())?;
        let value = self.sum()?;
        self.take("}").then_some(value)
    }

    fn atom(&mut self) -> Option<f64> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        match first {
            '0'..='9' => self.number(),
            '(' | '[' => {
                self.rest = &self.rest[1..];
                let value = self.sum()?;
                self.take(if first == '(' { ")" } else { "]" }).then_some(value)
            }
            '{' => self.braced(),
            '|' => {
                self.rest = &self.rest[1..];
                let value = self.sum()?;
                self.take("|").then_some(value.abs())
            }
            '\\' => self.command(),
            letter if letter.is_ascii_alphabetic() => {
                let name = &self.rest[..1];
                self.rest = &self.rest[1..];
                // An index belongs to the name.
                if self.rest.starts_with('_') && self.rest.len() > 1 && self.rest.is_char_boundary(2) {
                    let whole = &self.rest[..2];
                    self.rest = &self.rest[2..];
                    return Some((self.letter)(&format!("{name}{whole}")));
                }
                Some((self.letter)(name))
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<f64> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok()
    }

    fn command(&mut self) -> Option<f64> {
        if self.take("\\frac") {
            let above = self.argument()?;
            return Some(above / self.argument()?);
        }
        if self.take("\\sqrt") {
            let index = if self.take("[") {
                let index = self.sum()?;
                self.take("]").then_some(index)?
            } else {
                2.0
            };
            let inside = self.argument()?;
            return Some(if index == 3.0 { inside.cbrt() } else { inside.powf(1.0 / index) });
        }
        if self.take("\\binom") {
            let (n, k) = (self.argument()?, self.argument()?);
            return Some(factorial(n)? / (factorial(k)? * factorial(n - k)?));
        }
        if self.take("\\pi") {
            return Some(std::f64::consts::PI);
        }
        for (name, function) in FUNCTIONS {
            if self.take(name) {
                return self.power().map(function);
            }
        }
        let end = self.rest[1..].find(|c: char| !c.is_ascii_alphabetic()).map_or(self.rest.len(), |end| end + 1);
        const LETTERS: [&str; 12] = [
            "\\alpha", "\\beta", "\\gamma", "\\delta", "\\theta", "\\lambda", "\\mu", "\\sigma", "\\phi", "\\omega",
            "\\rho", "\\varphi",
        ];
        let (name, rest) = self.rest.split_at(end);
        LETTERS.contains(&name).then(|| {
            self.rest = rest;
            (self.letter)(name)
        })
    }

    fn argument(&mut self) -> Option<f64> {
        if self.rest.starts_with('{') { self.braced() } else { self.single() }
    }
}

fn factorial(n: f64) -> Option<f64> {
    (n.fract() == 0.0 && (0.0..=170.0).contains(&n)).then(|| (1..=n as u32).map(f64::from).product())
}
