//! Python's syntax, as tree-sitter reads it: it never fails, and marks what it couldn't understand.

mod docstring;
mod modules;

pub(crate) use docstring::is_docstring;
pub(crate) use modules::is_standard_module;

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree};

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(parser());
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    let set = parser.set_language(&tree_sitter_python::LANGUAGE.into());
    set.expect("the grammar has a version that the parser reads");
    parser
}

/// The syntax tree of a text; `None` never in practice, since no time limit is set.
pub(crate) fn parse(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.parse(text, None))
}

/// Visits a node and all below it in order, without recursion, so that deep nesting does no harm. `enter` is told each
/// node; where it says `false`, what is below that node is left out. `leave` is told each node that was entered.
pub(crate) fn walk<'t>(root: Node<'t>, mut enter: impl FnMut(Node<'t>) -> bool, mut leave: impl FnMut(Node<'t>)) {
    let mut cursor = root.walk();
    loop {
        let descends = enter(cursor.node());
        if descends && cursor.goto_first_child() {
            continue;
        }
        loop {
            leave(cursor.node());
            if cursor.node() == root {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The source of a node.
pub(crate) fn source<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
