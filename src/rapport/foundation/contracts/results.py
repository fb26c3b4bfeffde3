"""Tables that travel between pages: what one page writes and later pages read."""

from .columns import Table, answer, choice, count, day, days, flag, ident, money, number, share, text
from .inputs import RECORDS

STATES = ("too_early", "active", "lapsing", "lost", "lost_one_timer", "no_purchase")
RUNGS = ("prospect", "buyer", "customer", "regular", "adherent", "advocate")

LINKS = Table(
    "links",
    "customer record in a source",
    ("source", "record_id"),
    {
        "source": ident("name of the source"),
        "record_id": ident("the record"),
        "customer_id": ident("the customer it was resolved to"),
        "match_prob": share("probability that the record belongs to this customer (1 for a record on its own)"),
        "rule": text("what joined it: exact tax_id, exact email, model, user, alone", nullable=False),
        "is_ambiguous": flag("another customer is a plausible match, and nothing settles it yet"),
    },
)

AMBIGUOUS = Table(
    "ambiguous",
    "pair of records that may be one customer",
    ("source_a", "record_a", "source_b", "record_b"),
    {
        "source_a": ident("source of the first record"),
        "record_a": ident("first record"),
        "source_b": ident("source of the second record"),
        "record_b": ident("second record"),
        "name_a": text("first name"),
        "name_b": text("second name"),
        "match_prob": share("probability that they are one"),
        "agrees": text("what agrees"),
        "differs": text("what differs"),
        "would_settle": text("what to ask for"),
        "net_total": money("money of both together; empty when no values were given", nullable=True),
    },
)

REVIEW = Table(
    "review",
    "pair of records to decide on",
    ("record_a", "record_b"),
    {
        "record_a": ident("first record, as source:record_id"),
        "name_a": text("first name"),
        "known_a": text("what the first record says beside its name"),
        "record_b": ident("second record, as source:record_id"),
        "name_b": text("second name"),
        "known_b": text("what the second record says beside its name"),
        "proposal": choice("what the kit made of them", "open", "joined", "decided"),
        "match_prob": share("probability that they are one"),
        "agrees": text("what agrees"),
        "differs": text("what differs"),
        "would_settle": text("what to ask for"),
        "net_total": money("money of both together"),
        "decision": text("to fill in: same, different or unsure"),
        "note": text("to fill in: who said so, and when"),
    },
)

CONFLICTS = Table(
    "conflicts",
    "customer, field and record that says otherwise",
    ("customer_id", "field", "other_from"),
    {
        "customer_id": ident("the customer"),
        "field": text("the field of the customer card", nullable=False),
        "used": text("the word that is used"),
        "used_from": ident("the record it is from, as source:record_id"),
        "other": text("the word that is not used"),
        "other_from": ident("the record that says so"),
    },
)

SPELLINGS = Table(
    "spellings",
    "record whose name was changed for comparing",
    ("source", "record_id"),
    {
        "source": ident("name of the source in engagement.yml"),
        "record_id": ident("the customer's number in that source"),
        "name": text("name as received; it stays as it is everywhere else", nullable=False),
        "compared_as": text("the words that are compared"),
        "changes": text("what was changed, separated by ;", nullable=False),
    },
)

ELIGIBLE_OFFERS = Table(
    "eligible_offers",
    "customer and offer",
    ("customer_id", "offer"),
    {
        "customer_id": ident("the customer"),
        "offer": text("the offer, as engagement.yml calls it", nullable=False),
        "answer": choice("may the customer have it", "yes", "no", "undetermined"),
        "because": text("the condition that decides, or what is not known", nullable=False),
    },
)

CUSTOMERS = Table(
    "customers",
    "customer",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        **{
            name: RECORDS.columns[name]
            for name in (
                "name",
                "kind",
                "email",
                "phone",
                "tax_id",
                "city",
                "country",
                "parent_group",
                "sector",
                "size",
                "region",
                "acquired_channel",
                "created_on",
                "crm_status",
                "tags",
                "consent_marketing",
                "manager_id",
                "drop_reason",
            )
        },
        "records": count("records merged into this customer"),
    },
)

QUALITY = Table(
    "quality",
    "check on the data that came in",
    ("check", "source"),
    {
        "check": text("what was looked at", nullable=False),
        "source": text("which source or table", nullable=False),
        "rows": count("rows concerned"),
        "amount": money("money concerned", nullable=True),
        "treatment": text("what was done: dropped, netted, kept, asked", nullable=False),
        "why": text("the rule that says so", nullable=False),
        "severity": choice("how much it matters", "note", "caution", "stop"),
    },
)

READINESS = Table(
    "readiness",
    "later analysis",
    ("analysis",),
    {
        "analysis": text("the analysis", nullable=False),
        "verdict": choice("may it be run", "ready", "caution", "not_possible"),
        "because": text("the reason", nullable=False),
    },
)

HISTORY = Table(
    "history",
    "customer with at least one purchase or return",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        "first_order_on": day("first purchase", nullable=True),
        "last_order_on": day("last purchase", nullable=True),
        "orders": count("distinct orders with a positive net value (DEF2)"),
        "purchase_days": count("distinct days with a purchase"),
        "repeat_days": count("purchase days after the first (frequency x in the literature)"),
        "span_days": days("first to last purchase (recency t_x in the literature)", nullable=True),
        "observed_days": days("first purchase to as_of (T in the literature)", nullable=True),
        "silent_days": days("last purchase to as_of (the marketer's recency)", nullable=True),
        "gap_days": days("median days between purchases; empty below 3 purchase days", nullable=True),
        "gap_cv": number("standard deviation of the gaps over their mean", "ratio"),
        "mean_repeat_value": money("mean value of the purchase days after the first", nullable=True),
        "gross_total": money("sales before returns"),
        "returned_total": money("returns, as a positive figure"),
        "net_total": money("sales minus returns"),
        "margin_total": money("contribution; empty when costs are unknown", nullable=True),
        "net_recent": money("net value of the last active window before as_of"),
        "net_before": money("net value of the window before that"),
        "orders_recent": count("orders in the last active window"),
        "categories": count("distinct categories bought in the active window"),
        "discounted_share": share("orders with a discount as a share of orders", nullable=True),
        "department_id": ident("department of most of the value", nullable=True),
        "manager_id": ident("manager at the last sale", nullable=True),
        "is_truncated": flag("first seen so early in the data that the true first purchase may lie before it (DEF5)"),
    },
)

PERIODS = Table(
    "periods",
    "customer and period (months by default) from the first purchase to as_of",
    ("customer_id", "period_on"),
    {
        "customer_id": ident("the customer"),
        "period_on": day("first day of the period"),
        "orders": count("orders"),
        "net": money("net value"),
    },
)

PATTERNS = Table(
    "patterns",
    "distinct (repeat_days, span_days, observed_days)",
    ("repeat_days", "span_days", "observed_days", "is_truncated"),
    {
        "repeat_days": count("purchase days after the first"),
        "span_days": days("first to last purchase"),
        "observed_days": days("first purchase to as_of"),
        "is_truncated": flag("birth unknown: not used to fit"),
        "customers": count("customers with this pattern (the weight)"),
    },
)

CLASSES = Table(
    "classes",
    "customer",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        "state": choice("where the customer stands by its own rhythm (DEF6)", *STATES),
        "gap_used_days": days("the gap the state was judged by", nullable=True),
        "gap_is_own": flag("the gap is the customer's own, not the base's median"),
        "abc": choice("class by cumulative value", "A", "B", "C", nullable=True),
        "xyz": choice("class by regularity of value; N when too short to say", "X", "Y", "Z", "N"),
        "value_cv": number("coefficient of variation of the value per period", "ratio"),
        "is_pareto": flag("in the smallest group that brings the Pareto share of value"),
        "volume_band": choice("volume", "low", "mid", "high", "new", nullable=True),
        "frequency_band": choice("frequency", "low", "mid", "high", "new", nullable=True),
        "rung": choice("rung of the ladder", *RUNGS),
        "former_rung": choice("rung before lapsing", *RUNGS, nullable=True),
        "rung_note": text("what is unknown, or missing for the next rung"),
        "types": text("overlapping types, separated by ;"),
        "primary_type": text("the type that comes first in the printed order"),
        "orientation": choice("orientation", "cost", "value", "technology", nullable=True),
        "trend": choice("last half-year against the one before", "more", "less", "same", nullable=True),
        "key_scope": text("levels at which the customer is key (company, department:…, manager:…), separated by ;"),
        "segment": text("the one primary segment", nullable=False),
        "why": text("why this segment, as a sentence", nullable=False),
    },
)

VALUES = Table(
    "values",
    "customer",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        "alive_prob": share("probability that the customer will buy again at all", nullable=True),
        "expected_orders": number("purchase days expected over the horizon", "orders", at_least=0),
        "orders_low": number("lower end of the 80 % predictive interval", "orders", at_least=0),
        "orders_high": number("upper end of the 80 % predictive interval", "orders", at_least=0),
        "expected_value": money("expected margin of one purchase day", nullable=True),
        "clv": money("expected discounted margin over the horizon", nullable=True),
        "clv_low": money("lower end of the 80 % predictive interval", nullable=True),
        "clv_high": money("upper end of the 80 % predictive interval", nullable=True),
        "next_from_on": day("next order expected from", nullable=True),
        "next_to_on": day("next order expected until", nullable=True),
        "is_overdue": flag("silent longer than the expected window"),
        "method": text("model or rule that gave the figures", nullable=False),
        "grade": choice("grade of the forecast", "A", "B", "C", "D", nullable=True),
    },
)

MODEL_SCORES = Table(
    "model_scores",
    "model and origin of the back-test",
    ("model", "origin_on"),
    {
        "model": text("model", nullable=False),
        "origin_on": day("day up to which the model saw data"),
        "horizon_days": days("length of the holdout"),
        "customers": count("customers scored"),
        "actual": number("purchase days that happened", "orders"),
        "forecast": number("purchase days forecast", "orders"),
        "bias": number("forecast minus actual, as a share of actual", "ratio"),
        "mae": number("mean absolute error per customer", "orders"),
        "rank_correlation": number("Spearman correlation of forecast and actual", "ratio"),
        "top_decile_share": share("share of actual purchases made by the predicted top tenth", nullable=True),
        "coverage_80": share("customers inside their 80 % predictive interval", nullable=True),
        "coverage_90": share("customers inside their 90 % predictive interval", nullable=True),
        "log_likelihood": number("log-likelihood of the fit", "nats"),
        "is_chosen": flag("the model whose forecast is used"),
        "because": text("why chosen or not"),
    },
)

RETENTION = Table(
    "retention",
    "period",
    ("period_on",),
    {
        "period_on": day("first day of the period"),
        "period_end_on": day("last day of the period"),
        "active_start": count("customers active at the start"),
        "joined": count("new customers in the period (DEF5)"),
        "returned": count("active at the end, bought before, not active at the start"),
        "kept": count("active at the start and at the end"),
        "joined_kept": count("of those who joined, still active at the end"),
        "active_end": count("customers active at the end"),
        "retention_formula": number("(E − N) / S (HU-10)", "share"),
        "retention_cohort": share("kept / active at the start", nullable=True),
    },
)

COHORTS = Table(
    "cohorts",
    "cohort of first purchase and age in periods",
    ("cohort_on", "age"),
    {
        "cohort_on": day("first day of the period of first purchase"),
        "age": count("periods since the first purchase"),
        "customers": count("customers of the cohort"),
        "buyers": count("of them, buyers in that period"),
        "net": money("their net value in that period"),
        "share": share("buyers / customers"),
        "is_complete": flag("the period ended by as_of"),
        "is_truncated": flag("the cohort may hold customers whose true first purchase lies before the data (DEF5)"),
    },
)

ALIVE_CURVES = Table(
    "alive_curves",
    "curve, group and day",
    ("curve", "group", "day"),
    {
        "curve": text("what the curve follows: second purchase, return after silence, staying", nullable=False),
        "group": text("group of customers or episodes", nullable=False),
        "day": count("days since the start of the episode"),
        "share": share("share to whom it has not happened yet"),
        "low": share("lower end of the 95 % interval"),
        "high": share("upper end of the 95 % interval"),
        "at_risk": count("still under observation"),
    },
)

LOST = Table(
    "lost",
    "lost or lapsing customer",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        "state": choice("state by own rhythm", *STATES),
        "crm_status": text("status as the CRM has it"),
        "is_disputed": flag("CRM and behaviour disagree"),
        "outlook": choice(
            "temporary: may return by itself; permanent: hardly returns by itself; refused: said no for good",
            "temporary",
            "permanent",
            "refused",
            nullable=True,
        ),
        "lost_on": day("day the customer was due and did not come", nullable=True),
        "silent_days": days("days since the last purchase"),
        "silent_gaps": number("silence in own gaps", "ratio", at_least=0),
        "remaining_value": money("what the customer would be worth over the horizon if it came back"),
        "loss_value": money("remaining value as it looked on the day of loss", nullable=True),
        "value_at_risk": money("remaining value, times the chance that the customer is gone"),
        "value_basis": text("what value at risk rests on", nullable=False),
        "return_prob": share("share of customers as silent as this one that came back by themselves", nullable=True),
        "return_low": share("lower end of the 90 % interval", nullable=True),
        "return_high": share("upper end of the 90 % interval", nullable=True),
        "uplift": share("extra chance of return when treated", nullable=True),
        "uplift_source": text("the client's experiments, or an assumption"),
        "contact_cost": money("cost of one attempt", nullable=True),
        "winback_value": money("uplift × remaining value − cost", nullable=True),
        "reason": text("stated or suspected reason"),
        "reason_source": text("survey, or proxy from behaviour"),
        "manager_id": ident("manager in charge, else who sold last", nullable=True),
        "play_id": ident("play whose words and steps are the script", nullable=True),
        "owner": text("who calls: by name, or by role where no name is known"),
        "due_on": day("contact by", nullable=True),
        "arm": choice("treated or held out by the experiment in a box", "treated", "control", nullable=True),
        "rank": count("rank by win-back value, then by value at risk"),
    },
)

OUTCOMES = Table(
    "outcomes",
    "customer in an experiment, with what came of it",
    (),
    {
        "experiment_id": ident("the experiment"),
        "play_id": ident("the play tried"),
        "customer_id": ident("the customer", nullable=True),
        "arm": choice("treated or held out", "treated", "control"),
        "started_on": day("start", nullable=True),
        "review_on": day("day from which the outcome can be read", nullable=True),
        "succeeded": answer("the goal was reached; empty: not yet known"),
        "read_from": choice("where the outcome is read", "log", "purchases", "too_early", "nobody_known"),
    },
)

ACQUISITION = Table(
    "acquisition",
    "month and channel",
    ("month_on", "channel"),
    {
        "month_on": day("first day of the month"),
        "channel": text("channel; 'all' for the total", nullable=False),
        "spend": money("acquisition spend", nullable=True),
        "new_customers": count("customers whose first purchase falls in the month (DEF5)"),
        "cac": money("spend / new customers", nullable=True),
        "marginal_cac": money("extra spend / extra new customers against the month before", nullable=True),
        "payback_months": number("months of margin of a new customer that pay its cost", "months"),
    },
)

PROSPECTS_RANKED = Table(
    "prospects_ranked",
    "prospect",
    ("prospect_id",),
    {
        "prospect_id": ident("the prospect"),
        "name": text("name"),
        "sector": text("line of business"),
        "size": text("size class"),
        "region": text("region"),
        "source_type": text("kind of source"),
        "score": number("sum of log-lifts of its attributes among Pareto customers", "nats"),
        "expected_value": money("conversion × expected contribution", nullable=True),
        "rank": count("rank by score"),
        "why": text("attributes that raise or lower it", nullable=False),
    },
)

PROFILE = Table(
    "profile",
    "segment",
    ("segment",),
    {
        "segment": text("the segment", nullable=False),
        "customers": count("customers"),
        "customer_share": share("share of all customers"),
        "net_total": money("net value in the active window"),
        "net_share": share("share of net value", nullable=True),
        "margin_total": money("contribution in the active window", nullable=True),
        "mean_value": money("mean net value a customer"),
        "median_gap_days": days("median of the customers' gaps", nullable=True),
        "active_share": share("share active by own rhythm"),
        "lost_share": share("share lost by own rhythm"),
        "one_timer_share": share("share with exactly one purchase day"),
        "retention_cohort": share("of those active a window ago, still active", nullable=True),
        "clv_total": money("sum of CLV", nullable=True),
        "clv_mean": money("mean CLV", nullable=True),
        "value_at_risk": money("sum of value at risk", nullable=True),
        "contacted_share": share("share with an outbound contact in the active window", nullable=True),
        "consent_share": share("share known to agree to marketing", nullable=True),
    },
)

ATTENTION = Table(
    "attention",
    "customer",
    ("customer_id",),
    {
        "customer_id": ident("the customer"),
        "outbound_recent": count("contacts we started in the active window"),
        "inbound_recent": count("contacts the customer started in the active window"),
        "unheard_days": days("days since we last made contact; empty when we never did", nullable=True),
    },
)

ASSIGNMENTS = Table(
    "assignments",
    "play and whom it is for (a customer, a segment or the firm)",
    ("play_id", "subject"),
    {
        "phase": choice("phase", "retain", "recover", "acquire"),
        "play_id": ident("the play"),
        "title": text("its title", nullable=False),
        "subject": ident("customer_id, segment, prospect_id or 'firm'"),
        "applies_to": choice("what the subject is", "customer", "segment", "key_account", "prospect", "firm"),
        "status": choice("evidence for the play", "unproven", "promising", "validated"),
        "value_at_stake": money("value the play is to protect, regain or win", nullable=True),
        "cost": money("cost for this subject, its share of fixed cost included", nullable=True),
        "gain_low": money("expected gain, low case", nullable=True),
        "gain_mid": money("expected gain, middle case", nullable=True),
        "gain_high": money("expected gain, high case", nullable=True),
        "owner": text("role that answers for it", nullable=False),
        "owner_name": text("the person, where managers are known"),
        "due_on": day("first review", nullable=True),
        "arm": choice("treated or held out", "treated", "control", nullable=True),
        "rank": count("rank within the play by expected gain"),
        "why": text("the conditions that held, with their figures", nullable=False),
    },
)

PLAY_GATES = Table(
    "play_gates",
    "play",
    ("play_id",),
    {
        "phase": choice("phase", "retain", "recover", "acquire"),
        "play_id": ident("the play"),
        "title": text("its title", nullable=False),
        "verdict": choice("what became of it", "assigned", "nobody_qualifies", "cannot_be_judged", "switched_off"),
        "subjects": count("customers, segments or prospects it was assigned to"),
        "value_at_stake": money("their value at stake", nullable=True),
        "cost": money("cost of the play", nullable=True),
        "gain_low": money("expected gain, low case", nullable=True),
        "gain_mid": money("expected gain, middle case", nullable=True),
        "gain_high": money("expected gain, high case", nullable=True),
        "owner": text("role that answers for it", nullable=False),
        "because": text("why assigned, or what is missing", nullable=False),
    },
)

RESULTS = (
    LINKS,
    AMBIGUOUS,
    REVIEW,
    CONFLICTS,
    SPELLINGS,
    ELIGIBLE_OFFERS,
    CUSTOMERS,
    QUALITY,
    READINESS,
    HISTORY,
    PERIODS,
    PATTERNS,
    CLASSES,
    VALUES,
    MODEL_SCORES,
    RETENTION,
    COHORTS,
    ALIVE_CURVES,
    LOST,
    OUTCOMES,
    ACQUISITION,
    PROSPECTS_RANKED,
    PROFILE,
    ASSIGNMENTS,
    PLAY_GATES,
)
