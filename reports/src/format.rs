//! How numbers read: one place, so that terminal, Markdown and HTML agree.

/// A score: per cent for a share (`61.2 %`), else three decimals.
pub(crate) fn score(value: f64, is_share: bool) -> String {
    if is_share { format!("{} %", fixed(value * 100.0, 1)) } else { fixed(value, 3) }
}

/// A score without its unit.
pub(crate) fn score_bare(value: f64, is_share: bool) -> String {
    if is_share { fixed(value * 100.0, 1) } else { fixed(value, 3) }
}

/// A difference with its unit: `6.2 points`.
pub(crate) fn points(value: f64, is_share: bool) -> String {
    if is_share { format!("{} points", fixed(value * 100.0, 1)) } else { fixed(value, 3) }
}

/// A difference without its unit.
pub(crate) fn points_bare(value: f64, is_share: bool) -> String {
    score_bare(value, is_share)
}

/// A difference with its sign and no unit: `+6.2`, `−1.0`.
pub(crate) fn signed(value: f64, is_share: bool) -> String {
    let text = points_bare(value, is_share);
    if value > 0.0 && !text.trim_start_matches(['0', '.']).is_empty() { format!("+{text}") } else { text }
}

/// `0.008`, `<0.001`.
pub(crate) fn p(value: f64) -> String {
    if !value.is_finite() {
        "–".to_owned()
    } else if value < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{value:.3}")
    }
}

/// `p = 0.008`, `p < 0.001`.
pub(crate) fn p_equals(value: f64) -> String {
    match p(value) {
        small if small.starts_with('<') => format!("p < {}", &small[1..]),
        text => format!("p = {text}"),
    }
}

/// A number of FLOPs: `1.2e14`.
pub(crate) fn flops(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") }
}

/// A count with thousands apart: `1,130,240`.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Parameters: `1.13 M`.
pub(crate) fn params(value: u64) -> String {
    match value {
        0..1_000 => value.to_string(),
        1_000..1_000_000 => format!("{:.0} k", value as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} M", value as f64 / 1e6),
        _ => format!("{:.2} B", value as f64 / 1e9),
    }
}

/// A large count: `3.28 M`.
pub(crate) fn short_count(value: f64) -> String {
    if value.is_finite() && value >= 0.0 { params(value.round() as u64) } else { "–".to_owned() }
}

/// Bytes: `341 MB`, `1.2 GB` (powers of ten).
pub(crate) fn bytes(value: u64) -> String {
    match value {
        0..1_000_000 => format!("{} kB", value.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.0} MB", value as f64 / 1e6),
        _ => format!("{:.1} GB", value as f64 / 1e9),
    }
}

/// Two digits that matter: `0.43`, `14`.
pub(crate) fn significant(value: f64) -> String {
    match value {
        v if !v.is_finite() => "–".to_owned(),
        v if v >= 10.0 => format!("{v:.0}"),
        v if v >= 1.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// A duration: `48 s`, `12 min 5 s`, `3 h 2 min`.
pub(crate) fn seconds(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let s = value.round() as u64;
    match s {
        0 => format!("{value:.1} s"),
        1..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// A loss in nats a token.
pub(crate) fn loss(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| fixed(v, 4))
}

/// `1 seed`, `3 seeds`.
pub(crate) fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("{n} {word}") } else { format!("{} {word}s", grouped(n as u64)) }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// Seconds since 1970 as `2026-02-03 14:05 UTC` (days to date after Howard Hinnant's `civil_from_days`).
pub(crate) fn date(unix_s: u64) -> String {
    let days = (unix_s / 86_400) as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", unix_s / 3600 % 24, unix_s / 60 % 60)
}

/// Fixed decimals with a true minus sign and no negative zero.
fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}
