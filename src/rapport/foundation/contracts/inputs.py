"""Tables that come from the client. Only `transactions` is required; each other one says what its absence costs."""

from .columns import Table, answer, choice, day, flag, ident, money, number, share, text

TRANSACTIONS = Table(
    "transactions",
    "order line or order, as received",
    (),
    {
        "order_id": ident("the order, as the source numbers it; customer and day where it numbers none (DEF2)"),
        "source": ident("name of the source in engagement.yml"),
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer's number in that source; empty when the sale names nobody", nullable=True),
        "customer_id": ident("the customer after identity resolution; empty when unidentified", nullable=True),
        "ordered_on": day("day of the order"),
        "recorded_on": day("day the row was entered in the source system", nullable=True),
        "net_amount": money("value without VAT, in the engagement's currency; negative for a return"),
        "margin": money("net amount minus cost of goods", nullable=True),
        "quantity": number("units sold; negative for a return", "units"),
        "product_id": ident("the product", nullable=True),
        "category": text("product category"),
        "channel": text("channel of the sale (shop, web, phone …)"),
        "discount_share": number("discount as a share of list price", "share"),
        "department_id": ident("department that sold", nullable=True),
        "manager_id": ident("manager who sold, as at the sale", nullable=True),
        "is_return": flag("a return or a cancellation"),
    },
    required=("ordered_on", "net_amount"),
    costs="nothing can be computed",
)

RECORDS = Table(
    "records",
    "customer record in a source",
    ("source", "record_id"),
    {
        "source": ident("name of the source in engagement.yml"),
        "record_id": ident("the customer's number in that source"),
        "name": text("name as received"),
        "kind": choice("person or company", "person", "company", nullable=True),
        "email": text("e-mail as received"),
        "phone": text("telephone as received"),
        "tax_id": ident("tax or company number", nullable=True),
        "account": ident(
            "bank account; payers are matched by it while files are read, it is never kept", nullable=True
        ),
        "address": text("street and house"),
        "city": text("town"),
        "postcode": ident("postal code", nullable=True),
        "country": text("country, ISO 3166 two letters where known"),
        "born_on": day("date of birth (only to tell persons of one name apart)", nullable=True),
        "parent_group": ident("holding or family the customer belongs to", nullable=True),
        "sector": text("line of business"),
        "size": text("size class"),
        "region": text("region"),
        "acquired_channel": text("how the customer was won"),
        "created_on": day("day the customer was set up", nullable=True),
        "updated_on": day("day the record was last changed", nullable=True),
        "crm_status": text("status as the client's CRM has it"),
        "tags": text("free tags, separated by ;"),
        "consent_marketing": answer("the customer agreed to marketing"),
        "manager_id": ident("manager in charge today", nullable=True),
        "drop_reason": text("why the manager stopped looking after the customer, as recorded"),
        "end_user_of": ident("record_id of the payer, when this record only uses the goods", nullable=True),
    },
    required=("record_id",),
    costs="customers are bare numbers: no names, profiles, consent checks or merging of duplicates",
)

PRODUCTS = Table(
    "products",
    "product",
    ("product_id",),
    {
        "product_id": ident("the product"),
        "name": text("product name"),
        "category": text("category"),
        "price": money("list price", nullable=True),
        "launched_on": day("day of launch", nullable=True),
    },
    required=("product_id",),
    costs="no innovators, no price index, no breadth against what is offered",
)

RETURNS_COMPLAINTS = Table(
    "returns_complaints",
    "return, cancellation or complaint",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "order_id": ident("the order concerned", nullable=True),
        "happened_on": day("day it was raised", nullable=True),
        "kind": choice("what it is", "return", "cancel", "complaint"),
        "reason": text("reason as recorded"),
        "amount": money("money concerned, positive", nullable=True),
        "department_id": ident("department concerned", nullable=True),
        "closed_on": day("day it was settled", nullable=True),
    },
    required=("kind",),
    costs="complaints and returns cannot be weighed as reasons for loss",
)

CONTACTS = Table(
    "contacts",
    "contact with a customer",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "contacted_on": day("day of the contact"),
        "channel": text("phone, mail, e-mail, sms, web, social, visit, event"),
        "direction": choice("who started it", "in", "out"),
        "purpose": text("sale, service, marketing, winback, dunning …"),
        "content_type": text("useful information or offer"),
        "answered": answer("the customer responded"),
        "manager_id": ident("who made the contact", nullable=True),
        "client_role": text("whom at the client (buyer, owner, CEO, accountant, staff)"),
        "by_role": text("who of ours (manager, head, service)"),
    },
    required=("record_id", "contacted_on", "direction"),
    costs="attention test, forgotten buyers, pressure cap and first-order follow-up cannot be computed",
)

LEAVERS_SURVEY = Table(
    "leavers_survey",
    "customer who left or refused and was asked",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "asked_on": day("day asked", nullable=True),
        "is_answered": flag("an answer came"),
        "initiator": choice("who ended it", "customer", "our_manager", "mutual", "unknown", nullable=True),
        "q1_product": text("what does not fit in product or service"),
        "q2_staff": text("what was disliked in the work of staff"),
        "q3_sale": text("what was annoying at the time of sale"),
        "reason_code": text("coded reason"),
        "attribution": choice(
            "whose act or omission",
            "our_action",
            "our_omission",
            "competitor",
            "need_gone",
            "external",
            "unknown",
            nullable=True,
        ),
        "three_way": choice("the three answers", "terms", "service", "need_gone", nullable=True),
        "competitor_means": text("how the competitor attracted (price, terms, product, service, relation)"),
        "what_if": choice("if we could fix or match it", "would_return", "maybe", "lost", nullable=True),
    },
    required=("record_id",),
    costs="reasons for loss are unknown; only the behaviour of the lost can be shown",
)

MANAGERS = Table(
    "managers",
    "manager",
    ("manager_id",),
    {
        "manager_id": ident("the manager"),
        "name": text("name"),
        "role": text("key, sales, steward, head, director"),
        "department_id": ident("department", nullable=True),
        "hours_month": number("hours for customers a month", "hours"),
        "must_keep": text("customers (record_id, separated by ;) the manager would by no means want to lose"),
    },
    required=("manager_id",),
    costs="no owners by name, no workload check, no steward check",
)

SPEND = Table(
    "spend",
    "month, purpose and channel",
    (),
    {
        "spent_on": day("first day of the month or the day of the spend"),
        "purpose": choice("what for", "acquire", "retain", "recover"),
        "channel": text("channel"),
        "kind": text("ad, exhibition, seminar, promo, gift, greeting, training …"),
        "amount": money("money spent"),
        "hours": number("hours spent", "hours"),
        "department_id": ident("department", nullable=True),
    },
    required=("spent_on", "purpose", "amount"),
    costs="CAC, cost ratio and saturation cannot be computed; no literature figure is put in their place",
)

FINANCE = Table(
    "finance",
    "month",
    ("month_on",),
    {
        "month_on": day("first day of the month"),
        "fixed_cost": money("fixed cost of the month", nullable=True),
        "margin_share": share("contribution margin as a share of revenue", nullable=True),
        "cash": money("cash at the end of the month", nullable=True),
        "ledger_revenue": money("net revenue of the month as the ledger has it", nullable=True),
    },
    required=("month_on",),
    costs="no stress test, no survival floor, no reconciliation to the ledger by month",
)

PROSPECTS = Table(
    "prospects",
    "prospect",
    ("prospect_id",),
    {
        "prospect_id": ident("the prospect"),
        "name": text("name"),
        "tax_id": ident("tax or company number", nullable=True),
        "email": text("e-mail"),
        "sector": text("line of business"),
        "size": text("size class"),
        "region": text("region"),
        "source_type": choice(
            "kind of source",
            "catalogue",
            "phone_book",
            "association",
            "press",
            "referral",
            "field",
            "form",
            "other",
            nullable=True,
        ),
        "source": text("the source itself"),
        "listed_on": day("day it was listed", nullable=True),
        "legal_basis": text("basis on which the data may be used"),
        "stage": text("identified, contacted, qualified, offered, won, refused"),
        "wallet": money("what the prospect spends a year on such goods", nullable=True),
        "converted_record_id": ident("record_id of the customer it became", nullable=True),
    },
    required=("prospect_id",),
    costs="no ranked prospects, no market size; the profile to look for is still produced",
)

REFERRALS = Table(
    "referrals",
    "recommendation made by a customer",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer who recommended"),
        "customer_id": ident("the same, resolved", nullable=True),
        "referred_id": ident("the record or prospect that was recommended", nullable=True),
        "referred_on": day("day", nullable=True),
        "outcome": text("bought, refused, open"),
    },
    required=("record_id",),
    costs="advocates (rung 5) cannot be told from adherents",
)

WALLET = Table(
    "wallet",
    "customer (and category)",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "category": text("category"),
        "total_spend": money("what the customer spends a year on such goods, with everybody"),
        "source": text("where the figure comes from"),
        "known_on": day("day of the figure", nullable=True),
    },
    required=("record_id", "total_spend"),
    costs="share of wallet, adherents (rung 4) and potential are unknown",
)

DELIVERIES = Table(
    "deliveries",
    "order delivered",
    (),
    {
        "order_id": ident("the order"),
        "promised_on": day("day promised", nullable=True),
        "delivered_on": day("day delivered", nullable=True),
        "is_force_majeure": flag("outside anybody's control"),
        "changed": answer("something was changed after the order: goods, price, day, person"),
        "change_approved": answer("the customer agreed to the change beforehand"),
    },
    required=("order_id",),
    costs="late delivery cannot be weighed as a reason for loss",
)

SATISFACTION = Table(
    "satisfaction",
    "answer to a satisfaction question",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "answered_on": day("day", nullable=True),
        "score": number("score as given, 0–10", "points"),
        "aspect": text("aspect asked about"),
        "stay_reason": text("why the customer stays"),
        "more_from_us": text("answer to: what must be done for you to buy more from us?"),
        "orientation": choice("declared orientation", "cost", "value", "technology", nullable=True),
    },
    required=("record_id",),
    costs="satisfaction and orientation are read from behaviour only",
)

EXPERIMENTS = Table(
    "experiments",
    "customer in an experiment",
    (),
    {
        "experiment_id": ident("the experiment"),
        "play_id": ident("the play tried"),
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "arm": choice("treated or held out", "treated", "control"),
        "started_on": day("start", nullable=True),
        "succeeded": answer("the goal was reached within the review period; empty: to be read from the purchases"),
    },
    required=("experiment_id", "play_id", "arm"),
    costs="no play can be called validated",
)

WINBACK_LOG = Table(
    "winback_log",
    "customer in the win-back list",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "status": choice(
            "where it stands",
            "to_contact",
            "contacted",
            "returned",
            "refused_temporary",
            "refused_permanent",
            "unreachable",
        ),
        "detected_on": day("day the loss was noticed", nullable=True),
        "contacted_on": day("day of the first contact", nullable=True),
        "returned_on": day("day of the first purchase after contact", nullable=True),
    },
    required=("record_id", "status"),
    costs="speed and success of win-back cannot be read",
)

CORRECTIVE_ACTIONS = Table(
    "corrective_actions",
    "corrective action",
    (),
    {
        "reason_code": text("reason it answers", nullable=False),
        "action": text("what is done"),
        "kind": choice("where", "internal", "marketing", nullable=True),
        "owner": text("who answers for it"),
        "due_on": day("by when", nullable=True),
        "status": text("open, done"),
    },
    required=("reason_code",),
    costs="the corrective register starts empty",
)

EVENTS = Table(
    "events",
    "warning sign at a customer",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "happened_on": day("day", nullable=True),
        "kind": text(
            "ownership, head change, new supplier, tender, price query, payment change, price rise, discount end"
        ),
    },
    required=("record_id", "kind"),
    costs="early warnings come from buying rhythm only",
)

APPROVALS = Table(
    "approvals",
    "approval by management",
    (),
    {
        "subject": text("what was approved", nullable=False),
        "approved_by": text("who"),
        "approved_on": day("when", nullable=True),
    },
    required=("subject",),
    costs="the report is marked as a draft",
)

IDEAS = Table(
    "ideas",
    "improvement a customer suggested",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "suggested_on": day("day it was suggested", nullable=True),
        "idea": text("what was suggested"),
        "is_accepted": flag("it was taken up"),
    },
    required=("record_id", "is_accepted"),
    costs="inspirers are only claimed by tags, and who demands quality shows in complaints only",
)

PAYMENTS = Table(
    "payments",
    "payment due",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "due_on": day("day it was due"),
        "paid_on": day("day it was paid; empty while it is open", nullable=True),
    },
    required=("record_id", "due_on"),
    costs="late payment does not show, so that looking for the lowest cost is read from complaints only",
)

SUPPLIER_TIERS = Table(
    "supplier_tiers",
    "category and volume from which a supplier's price holds",
    ("category", "from_units"),
    {
        "category": text("category of goods, as in the sales", nullable=False),
        "from_units": number("units a year from which the price holds", "units", at_least=0),
        "unit_cost": money("what every unit costs from there on"),
    },
    required=("category", "from_units", "unit_cost"),
    costs="what losing the largest client would do to buying prices is not known",
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "contract of a customer",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "started_on": day("day the contract began"),
        "ended_on": day("day it ended; empty while it runs", nullable=True),
        "period_months": number("months after which it is renewed or not", "months", at_least=1),
        "fee": money("what one period brings, before costs", nullable=True),
    },
    required=("record_id", "started_on", "period_months"),
    costs="customers under contract are read from their orders only: no renewals, no value of running contracts",
)

CONTACT_PERSONS = Table(
    "contact_persons",
    "person at a customer",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "person_id": ident("the person's number; names are not needed", nullable=True),
        "role": text("place at the client (buyer, owner, CEO, accountant, middle, staff)"),
        "email": text("e-mail as received"),
        "phone": text("telephone as received"),
        "updated_on": day("day the entry was last changed", nullable=True),
        "consent": answer("the person agreed that preferences are kept"),
        "preferences": text("what the person likes; kept only where consent is true"),
    },
    required=("record_id",),
    costs="how many people at a key customer know us is read from the contact log only, and their entries are not checked",
)

SELLER_LEDGER = Table(
    "seller_ledger",
    "month and seller",
    ("month_on", "manager_id"),
    {
        "month_on": day("first day of the month"),
        "manager_id": ident("the seller, as in the sales"),
        "ledger_revenue": money("net revenue of the seller in the month as the ledger has it"),
    },
    required=("month_on", "manager_id", "ledger_revenue"),
    costs="where orders and ledger differ, the seller is looked for in the orders only",
)

DEPARTMENTS = Table(
    "departments",
    "department",
    ("department_id",),
    {
        "department_id": ident("the department"),
        "name": text("name", nullable=False),
        "head_id": ident("manager_id of its head", nullable=True),
    },
    required=("department_id", "name"),
    costs="departments go by their codes, and none has a named head",
)

ACCOUNT_MANAGERS = Table(
    "account_managers",
    "customer and period in a manager's hands",
    (),
    {
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source"),
        "customer_id": ident("the customer", nullable=True),
        "manager_id": ident("the manager"),
        "from_on": day("first day in this manager's hands", nullable=True),
        "to_on": day("last day; empty while it lasts", nullable=True),
        "drop_reason": text("why the manager gave the customer up, as recorded"),
    },
    required=("record_id", "manager_id"),
    costs="the manager in charge is the one of the customer's record, else of its last sale; handovers are not seen",
)

TASKS = Table(
    "tasks",
    "step of a task, for a manager and perhaps a customer",
    (),
    {
        "task_id": ident("the task the step belongs to", nullable=True),
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "manager_id": ident("who is to do it", nullable=True),
        "step": text("what is to be done"),
        "due_on": day("day by which it is to be done"),
        "done_on": day("day it was done; empty while it is open", nullable=True),
    },
    required=("due_on",),
    costs="whether the steps of group tasks are carried out is not known",
)

PROJECTS = Table(
    "projects",
    "project for a customer",
    ("project_id",),
    {
        "project_id": ident("the project"),
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "manager_id": ident("who leads it", nullable=True),
        "stage": text("stage it is in", nullable=False),
        "updated_on": day("day the customer last heard where it stands", nullable=True),
        "closed_on": day("day it ended; empty while it runs", nullable=True),
    },
    required=("project_id", "stage"),
    costs="how long customers wait for news of their projects is not known",
)

ISSUES = Table(
    "issues",
    "problem of a customer that a department is to solve",
    (),
    {
        "issue_id": ident("the issue", nullable=True),
        "record_source": ident("the source whose customer numbers record_id uses", nullable=True),
        "record_id": ident("the customer in the source", nullable=True),
        "customer_id": ident("the customer", nullable=True),
        "department_id": ident("department that is to solve it", nullable=True),
        "kind": text("what it is about"),
        "opened_on": day("day we knew of it"),
        "told_on": day("day we told the customer", nullable=True),
        "complained_on": day("day the customer raised it", nullable=True),
        "closed_on": day("day it was solved; empty while it is open", nullable=True),
    },
    required=("opened_on",),
    costs="how long departments take to solve customers' problems, and whether we are the first to tell, is not known",
)

WATCHLIST = Table(
    "watchlist",
    "sign in the market or in policy that is watched",
    (),
    {
        "signal": text("what was noticed", nullable=False),
        "source": text("where it was read or heard"),
        "noted_on": day("day it was noted or last looked at"),
        "effect": text("what it may mean for the firm"),
        "review_on": day("day on which it is looked at again", nullable=True),
    },
    required=("signal", "noted_on"),
    costs="the plan names nothing to watch in the market and in policy",
)

INPUTS = (
    TRANSACTIONS,
    RECORDS,
    PRODUCTS,
    RETURNS_COMPLAINTS,
    CONTACTS,
    LEAVERS_SURVEY,
    MANAGERS,
    SPEND,
    FINANCE,
    PROSPECTS,
    REFERRALS,
    WALLET,
    DELIVERIES,
    SATISFACTION,
    EXPERIMENTS,
    WINBACK_LOG,
    CORRECTIVE_ACTIONS,
    EVENTS,
    APPROVALS,
    IDEAS,
    PAYMENTS,
    SUPPLIER_TIERS,
    SUBSCRIPTIONS,
    SELLER_LEDGER,
    CONTACT_PERSONS,
    DEPARTMENTS,
    ACCOUNT_MANAGERS,
    TASKS,
    PROJECTS,
    ISSUES,
    WATCHLIST,
)
