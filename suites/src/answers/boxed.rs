//! Finding the answer in a written solution.

/// The answer of a solution: what the last `\boxed{...}` (or `\fbox`, or `\boxed 5`) holds; else what follows the last
/// "answer is", up to the end of the sentence; none where there is neither.
#[must_use]
pub fn math_answer(solution: &str) -> Option<String> {
    last_boxed(solution).or_else(|| last_said(solution))
}

fn last_boxed(solution: &str) -> Option<String> {
    let at = ["\\boxed", "\\fbox"].iter().filter_map(|command| solution.rfind(command)).max()?;
    let after = solution[at..].trim_start_matches("\\boxed").trim_start_matches("\\fbox");
    let inside = after.trim_start();
    if !inside.starts_with('{') {
        // `\boxed 5$`: up to the end of the formula.
        let end = inside.find(['$', '\n']).unwrap_or(inside.len());
        return Some(inside[..end].trim().to_owned()).filter(|answer| !answer.is_empty());
    }
    let mut depth = 0;
    let mut escaped = false;
    for (i, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(inside[1..i].trim().to_owned());
                }
            }
            _ => {}
        }
    }
    None
}

fn last_said(solution: &str) -> Option<String> {
    let lower = solution.to_ascii_lowercase();
    let start = lower.rfind("answer is")? + "answer is".len();
    let said = solution[start..].trim_start_matches([':', ' ']);
    let end = said.find('\n').unwrap_or(said.len());
    let said = said[..end].split("I hope it is correct").next().unwrap_or_default().trim();
    // A full stop ends the answer, where it isn't a decimal point.
    let sentence = said.find(". ").map_or(said, |end| &said[..end]).trim_end_matches('.').trim();
    Some(sentence.to_owned()).filter(|answer| !answer.is_empty())
}
