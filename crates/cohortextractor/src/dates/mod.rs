//! Date expressions: `[function(] name [)] [(+|-) N unit]`, or an ISO date.

mod calendar;
mod expression;

pub(crate) use calendar::{add_months, iso_date};
pub use expression::{
    DateError, DateExpression, DateFunction, DateName, DateOffset, DateUnit, parse_date_expression,
};
