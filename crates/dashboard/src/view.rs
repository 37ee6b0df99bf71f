//! What the pages say, worked out from records, verdicts and the day: values in, values out.

pub(crate) mod chain;
pub(crate) mod facts;
pub(crate) mod fresh;
pub(crate) mod groups;
pub(crate) mod happened;
pub(crate) mod life;
pub(crate) mod list;
pub(crate) mod words;
