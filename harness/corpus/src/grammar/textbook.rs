//! Textbook passages: an idea in prose, an example with its result, a question with its answer.

use super::concepts;
use super::dice::Dice;
use super::draft::{Draft, Side};
use crate::document::{Document, Kind};

/// Whom a passage speaks to: how it opens, and how it leads over to the example and the question.
struct Audience {
    name: &'static str,
    openings: &'static [&'static str],
    examples: &'static [&'static str],
    questions: &'static [&'static str],
}

const AUDIENCES: &[Audience] = &[
    Audience {
        name: "beginner",
        openings: &[
            "Let us look at {topic}. We want a function with this job:",
            "Today we learn about {topic}. Here is what we need:",
            "You don't need to know much to understand {topic}. The task is this:",
        ],
        examples: &["We can write it like this:", "Here is one way to do it:", "In Python it looks like this:"],
        questions: &["Can you say what happens here?", "Try it yourself first.", "Now think about this question."],
    },
    Audience {
        name: "C programmer",
        openings: &[
            "In C, {topic} would take a buffer and a loop; Python needs less. The job:",
            "If you know C, you know the idea of {topic} already. The specification:",
        ],
        examples: &["No types and no braces are needed, only indentation:", "The Python version is short:"],
        questions: &["Check that you read the code correctly.", "As in C, trace the variables."],
    },
    Audience {
        name: "teacher",
        openings: &[
            "A good lesson on {topic} starts from a clear statement. Write on the board:",
            "When you teach {topic}, let the students restate the task first:",
        ],
        examples: &["Then develop the solution together:", "A solution that students find readable:"],
        questions: &["A question for the class:", "Ask the students:"],
    },
    Audience {
        name: "scientist",
        openings: &[
            "Data often need {topic} before any analysis. The step is defined so:",
            "Reproducible work needs small functions. For {topic} the definition is:",
        ],
        examples: &["A function makes the step testable:", "As code:"],
        questions: &["Verify it by hand.", "A quick check:"],
    },
    Audience {
        name: "interview candidate",
        openings: &[
            "A common warm-up question is about {topic}. The interviewer says:",
            "Expect a question on {topic}. For instance:",
        ],
        examples: &["A clean answer is:", "A short solution:"],
        questions: &["The follow-up question:", "Then the interviewer asks:"],
    },
];

/// `n` passages over all concepts in turn. They are made of training drafts only, so they hold no held-out exercise and
/// no reserved combination of rules.
pub fn generate_textbooks(seed: u64, n: usize) -> Vec<Document> {
    let concepts = concepts();
    let mut dice = Dice::new(seed, "textbooks");
    let mut order: Vec<usize> = (0..concepts.len()).collect();
    let mut out = vec![];
    while out.len() < n {
        dice.shuffle(&mut order);
        for i in &order {
            if out.len() == n {
                break;
            }
            let drawn = (0..60).find_map(|_| concepts[*i].draft(&mut dice).filter(|draft| draft.side() == Side::Train));
            let Some(draft) = drawn else { continue };
            let audience = &AUDIENCES[dice.below(AUDIENCES.len())];
            out.push(Document {
                id: format!("textbook/{}", out.len()),
                kind: Kind::Textbook,
                text: passage(&draft, audience, &mut dice),
                source: format!("grammar/{}/{}", draft.concept, audience.name),
            });
        }
    }
    out
}

fn passage(draft: &Draft, audience: &Audience, dice: &mut Dice) -> String {
    let topic = draft.concept.replace('_', " ");
    let title = format!("# {}\n\n", title_case(&topic));
    let opening = dice.pick(audience.openings).replace("{topic}", &topic);
    let description = &draft.description;
    let code = format!("{}{}", draft.prompt(), draft.body);
    let example = dice.pick(audience.examples);
    let question = dice.pick(audience.questions);
    let name = &draft.entry_point;
    let shown = &draft.cases[dice.below(draft.cases.len())];
    let asked = &draft.cases[dice.below(draft.cases.len())];
    let call = |case: &super::Case| case.call.replace("{f}", name);
    let mut text = if dice.chance(0.5) { title } else { String::new() };
    text.push_str(&format!("{opening} {description}\n\n{example}\n\n{code}\n"));
    text.push_str(&format!("{}\n\n", draft.idea));
    text.push_str(&format!(
        "{} `{}` gives `{}`.\n\n",
        dice.pick(&["For example,", "So", "Calling", "We see that"]),
        call(shown),
        shown.expected.literal()
    ));
    text.push_str(&format!(
        "{question}\n\nQuestion: What does `{}` return?\nAnswer: `{}`\n",
        call(asked),
        asked.expected.literal()
    ));
    text
}

fn title_case(text: &str) -> String {
    text.split(' ').map(super::args::capitalize).collect::<Vec<_>>().join(" ")
}
