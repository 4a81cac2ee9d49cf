//! The methods as rules on axes: which units are copied, and what becomes of what reads them.

use crate::Method;

/// Which units of the small model the large one's come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Units {
    /// None.
    Nowhere,
    /// Each keeps its place, the rest is new.
    Corner,
    /// They repeat in order.
    Tiled,
    /// They are drawn.
    Drawn,
}

/// What a method does to every tensor, whatever its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Where units come from.
    pub units: Units,
    /// Whether what is summed over is divided by its number of copies, so that the sum stays.
    pub divided: bool,
    /// Whether a matrix inside a block joins equal copies only, and so needn't be divided.
    pub blocks: bool,
    /// Whether new rows are those of the layer above.
    pub from_above: bool,
    /// Whether new units are behind zeros.
    pub closed: bool,
}

impl Rule {
    pub fn of(method: Method) -> Rule {
        let copies = |units| Rule { units, divided: false, blocks: false, from_above: false, closed: false };
        match method {
            Method::Scratch => copies(Units::Nowhere),
            Method::WeightReuse => copies(Units::Corner),
            Method::ZeroPad => Rule { closed: true, ..copies(Units::Corner) },
            Method::Tiling => copies(Units::Tiled),
            Method::TilingPreserving => Rule { divided: true, ..copies(Units::Tiled) },
            Method::Diagonal => Rule { divided: true, blocks: true, ..copies(Units::Tiled) },
            Method::Net2net => Rule { divided: true, ..copies(Units::Drawn) },
            Method::Aki => Rule { divided: true, from_above: true, ..copies(Units::Drawn) },
        }
    }
}
