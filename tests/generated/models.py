"""Models to grow projects from: a shop that someone could have thought of, and others that nobody would."""

import itertools
import random
import re
from collections.abc import Iterator

# A shop whose names are those that generated code uses itself wherever they are accepted.
SHOP = """
add feature catalog
add feature sales
add feature match
add entity Category name:string:1..80 slug:string:pattern=^[a-z0-9]+(-[a-z0-9]+)*$:..80:index parent:ref:Category:optional:index=2
    order:int:0..1000:default=0 --feature catalog --read public --write admin
add entity Supplier logo:file:max=1MB:types=png/jpeg:optional name:string:1..120 email:email:redact site:url:optional rating:float:ge=0:le=5:optional
    since:date --feature catalog --read admin --write admin
add entity Product name:string:1..200 description:text:..5000:optional price:decimal:gt=0:le=1000000
    weight:float:gt=0:optional count:int:ge=0:default=0 size:enum:xs/s/m/l/xl:optional
    status:enum:draft/active/in_stock/sold_out:default=draft:index category:ref:Category:index=2
    supplier:ref:Supplier:optional:redact items:ref:Product:list=..20 tags:string:1..40:list=..30 data:json:optional steps:decimal:list=..5
    type:enum:physical/digital/service:default=physical ean:string:pattern=^[0-9]{13}$:..13:optional:index=3
    --feature catalog --read public --write admin
add entity Price amount:decimal:gt=0 currency:string:pattern=^[A-Z]{3}$ from:date until:date:optional
    --parent Product --plural amounts --write admin
add entity Review rating:int:1..5:index title:string:..100 body:text:..10000 self:bool:default=false
    --parent Product --write user --delete user
add entity Question text:text:1..2000 answer:text:optional:readonly match:float:optional --parent Product --write user
add entity Customer name:string:1..100 email:email:redact:index birthday:date:optional:redact phones:string:3..60:list=..5:redact mails:email:list=2..4:optional:redact
    newsletter:bool:default=false value:decimal:default=0:readonly:index tier:enum:none/some/ok/err:default=none --feature sales
add entity Address street:string:1..200 city:string:1..100 zip:string:2..12 country:string:pattern=^[A-Z]{2}$
    type:enum:billing/shipping/both:default=both --parent Customer --plural addresses --delete owner
add entity Order order:string:1..40 customer:ref:Customer:index placed:datetime:index=2
    status:enum:open/paid/shipped/done/void:default=open:index=3 value:decimal:ge=0 data:json count:int:1..10000
    items:ref:Product:list=1..50 note:text:optional:..2000 --feature sales
add entity OrderLine product:ref:Product count:int:1..1000 price:decimal:ge=0 size:string:..20:optional --parent Order
add entity Receipt file:file:max=10MB:types=pdf number:int --parent Order --read owner --write owner --delete owner
add entity Payment amount:decimal:gt=0:redact method:enum:card/transfer/cash reference:uuid:redact paid_at:datetime:optional:readonly
    key:string:..50:optional:index --parent Order --read owner --write owner --delete admin
add entity Return order:ref:Order reason:text:1..1000 state:enum:asked/granted/refused:default=asked:index --feature sales
add entity Basket products:ref:Product:list=..100 expires:datetime:optional --feature sales --delete owner
add entity Coupon code:string:pattern=^[A-Z0-9]{4,12}$:..12:index percent:int:gt=0:lt=100 from:datetime until:datetime:optional
    --feature sales --read user --write admin
add entity Type type:string:1..10 struct:bool:default=true --feature match --read user --write user --delete user
add entity Table table:int:1..99 seats:int:1..20 item:ref:Type:optional key:uuid --feature match --read admin --write admin
add entity User user:string:1..50 id_card:string:..50:optional:redact ids:uuid:list=..10 --feature match
add entity Item item:ref:Table:optional body:json response:text error:text:optional result:int:optional --feature match
add entity Key key:string:1..64:redact state:bool:default=true prefix:string:..8:optional --parent User --delete owner
add entity Page page:int:ge=1:default=1 limit:int:optional cursor:string:..100:optional --parent User --read admin
add entity Job job:string:..50 version_2:int:optional update:datetime:optional --feature match
add entity Ticket ticket:ref:Job create:bool guard:decimal:optional --feature match
add entity Update update:ref:Update:optional input:string:..20 changes:json:list=..5 --feature match --read public --write public
add entity Query query:string:..100:index=8 filter:json:optional owners:int:optional --parent Update
add entity Filter field:string:..50 values:json:list=1..10 --feature match
add entity Shipment order_id:ref:Order:optional pkg:string:..40:index sent:date:index=2 --feature sales
add job check_price --entity Product
add job export --entity Order
add job read --entity Receipt
add job match --entity Type
add job gone --entity Customer
remove job gone
add field Review photo:file:optional:redact
add field Order paid:datetime:optional tags:string:1..20:list=..10 channel:enum:web/shop:default=web:index=4
add field Category image:url:optional
remove field Order note
remove field Product tags
remove entity Question
remove entity Coupon
add entity Coupon code:string:..20 --feature catalog
"""

# Names and models that cannot be, each with a word of the reason.
REFUSED = """
generated code uses a type of that name: add entity String --feature sales
generated code uses a type of that name: add entity Result --feature sales
generated code uses a type of that name: add entity Error --feature sales
generated code uses a type of that name: add entity State --feature sales
generated code uses a type of that name: add entity Routes --feature sales
generated code uses a type of that name: add entity List --feature sales
generated code uses a type of that name: add entity Data --feature sales
generated code uses a type of that name: add entity Body --feature sales
a keyword that no Rust module can be called: add entity Crate --feature sales
both have the route: add entity Orders --feature sales
exists already: add entity order --feature sales
would both be the type: add entity ProductStatus --feature sales
only found through its parent: add entity Refund payment:ref:Payment --feature sales
is itself a child: add entity Stitch --parent OrderLine
no item can be the first: add entity Egg egg:ref:Egg --feature sales
would be missing in the items: add field Category top:int
refers to: remove entity Product
has entities: remove feature sales
"""

# Accepted or refused, each must be so before anything is written, or lead to a project that is green.
WORDS = """
    a as async box break const continue do dyn else enum extern false final fn for gen if impl in let loop macro match
    mod move mut override priv ref return self static struct super trait true try type union unsafe use virtual where
    while yield amount app api args attributes auth body bool bucket cause changes claim client clock code collection
    condition config content context count create created creates current cursor data database date day default delete
    detail document e email entities entity error etag event expected expiry f field fields file files filter filters
    first found from get got group guard guards handler header headers hour http i ids if_match index info input
    inner item items job jobs json key keys kind last left length limit line link links list location log main map
    max message messages method metadata min minute missing model module name names new next none now null number object ok old
    one option order other out outcome owners page pages params parent parents parsed part patch path pattern payload pk_1
    place plural position post prefix present price put queries query range read reader record records redacted
    reference references region remove request requested response rest result results role root route router routes row
    rules sample second secret section seed segment seen sent serde service session set shape shared size sk_1 some
    sort source stale start started state states status step storage store stored string strings stored_at sub subject
    support table tables tag target task tests text ticket time times title to token tokens total transaction
    unit update updated updates url urls usage user users utc value values variant verb view width word worker
    write year zero zone
""".split()

NOUNS = """
    account agent alarm album analysis area artist asset audit axis badge batch bill boat bonus book box branch brand
    bus cable camera campaign canal car card case chair channel chapter child choice city class clinic comment company
    contract country course crisis criterion datum day debt deck delivery device diary dish dock door driver echo
    engine entry equipment essay exam fee fish fleet flight foot form fox game gas glass goose grade guest half hero
    hotel house index information inventory invoice journey kiosk knife lab leaf lease lens letter life loan machine
    man matrix meal medium menu mouse movie news note nurse offer ox party pass phone photo piano plan player policy
    potato proof quiz race radio rack recipe rental report rice room rule school season seat series service sheep shelf
    shop show side sign skill slot species sport staff stage stamp station story street studio survey switch team
    tenant test thesis tomato tool tooth topic trip truck type unit vehicle vendor vertex virus visit voucher wage
    watch wife wish wolf woman yard zone
""".split()

PATTERNS = [
    "^[A-Z]{3}$",
    "^[a-z0-9]+(-[a-z0-9]+)*$",
    "^(a|bb|ccc)$",
    "[0-9]",
    "^[^/:]+$",
    "^(?:x|y){2,5}z?$",
    r"^\d{4}-\d{2}$",
]


def shop() -> list[list[str]]:
    """The commands that make the shop."""
    lines = re.sub(r"\n +", " ", SHOP.strip()).splitlines()
    return [line.split() for line in lines]


def refused() -> list[tuple[str, list[str]]]:
    """What the shop cannot have, and why."""
    pairs = (line.split(": ", 1) for line in REFUSED.strip().splitlines())
    return [(reason, command.split()) for reason, command in pairs]


class Author(random.Random):
    """Makes up commands. The same seed, asked the same, makes up the same."""

    def features(self) -> list[list[str]]:
        names = sorted({f"{self.choice(NOUNS)}_{self.choice(['desk', 'x', 'hub'])}" for _ in range(3)})
        return [["add", "feature", name] for name in names]

    def entity(self, project: dict) -> list[str]:
        """Adds an entity to the project that scaffold.toml describes."""
        name = self.name(NOUNS if self.random() < 0.6 else WORDS)
        roots = self.roots(project)
        parent = self.choice(roots) if roots and self.random() < 0.35 else None
        count = self.choice([0, 1, 2, 3, 5, 8, 12])
        # Only what has no parent can be referred to, also by itself.
        targets = roots if parent else [*roots, pascal(name)]
        words = ["add", "entity", self.case(name), *self.fields(count, targets, made_of=name)]
        words += ["--parent", parent] if parent else ["--feature", self.choice(sorted(project["features"]))]
        for verb in ["read", "write", "delete"]:
            if self.random() < (0.1 if parent else 0.4):
                words += [f"--{verb}", self.choice(["owner", "user", "admin", "public"])]
        if self.random() < 0.15:
            words += ["--plural", self.name(WORDS)]
        return words

    def change(self, project: dict) -> list[str]:
        """Changes one of the entities there are."""
        name = self.choice(sorted(project["entities"]))
        kind = self.random()
        if kind < 0.25 and (fields := project["entities"][name].get("fields")):
            return ["remove", "field", name, self.choice(fields).split(":")[0]]
        if kind < 0.4:
            return ["remove", "entity", name]
        if kind < 0.6:
            return ["add", "job", self.name(WORDS), "--entity", name]
        if kind < 0.65 and (jobs := project["entities"][name].get("jobs")):
            return ["remove", "job", self.choice(sorted(jobs)), "--entity", name]
        targets = self.roots(project)
        return ["add", "field", name, *self.fields(self.randint(1, 3), targets)]

    def roots(self, project: dict) -> list[str]:
        entities = project.get("entities", {})
        return sorted(name for name, entity in entities.items() if "parent" not in entity)

    def name(self, words: list[str]) -> str:
        kind = self.random()
        if kind < 0.75:
            return self.choice(words)
        if kind < 0.95:
            return f"{self.choice(words)}_{self.choice(words)}"
        letters = "".join(self.choice("abcdefghijklmnopqrstuvwxyz_1") for _ in range(self.randint(1, 44)))
        return re.sub("_+", "_", "z" + letters).strip("_")

    def case(self, snake: str) -> str:
        return self.choice([snake, pascal(snake), snake.replace("_", "-")])

    def fields(self, count: int, targets: list[str], made_of: str = "") -> list[str]:
        """Fields of different names, with indexes of different numbers."""
        names = sorted({self.name(WORDS) for _ in range(count)})
        self.shuffle(names)
        indexes = iter(self.sample(range(1, 11), 10))
        return [self.field(name, indexes, targets, made_of) for name in names]

    def field(self, name: str, indexes: Iterator[int], targets: list[str], made_of: str) -> str:
        """A field with rules of every kind; one that items without it can get, unless `made_of` names a new entity."""
        kind = self.choice([*PLAIN, "enum", "enum", *(["ref"] * 4 if targets else [])])
        if kind == "file":
            return self.file(name)
        target = self.choice(targets) if kind == "ref" else ""
        kind, rules, default = self.kind(kind, target)
        optional = self.random() < 0.3 or target == pascal(made_of)
        readonly = self.random() < 0.15
        if self.random() < 0.15:
            lower = self.choice(["", "", "1", "2"])
            rules.append(f"list={lower}..{self.choice([5, 20, 100])}")
            optional = optional or lower != "" and (readonly or not made_of)
        else:
            needs_value = readonly or not made_of
            if default and self.random() < 0.5:
                rules.append(f"default={default}")
            else:
                optional = optional or needs_value
            if kind not in ["text", "url", "json"] and self.random() < 0.25:
                rules += [f"index={index}" for index in itertools.islice(indexes, 1)]
        rules += [word for word, on in [("optional", optional), ("readonly", readonly)] if on]
        if self.random() < 0.2:
            rules.append("redact")
        self.shuffle(rules)
        return ":".join([name, kind, *rules])

    def file(self, name: str) -> str:
        rules = [rule for rule in ["max=10KB", "types=pdf/png", "optional", "redact"] if self.random() < 0.4]
        return ":".join([name, "file", *rules])

    def kind(self, kind: str, target: str) -> tuple[str, list[str], str]:
        """A type with its values, rules of its own, and a default."""
        match kind:
            case "ref":
                return f"ref:{target}", [], ""
            case "enum":
                values = sorted({self.name(WORDS) for _ in range(self.randint(1, 6))})
                return f"enum:{'/'.join(values)}", [], self.choice(values)
            case "string" | "text" if self.random() < 0.2:
                return kind, [f"pattern={self.choice(PATTERNS)}", "..256"], ""
            case "string" | "text":
                return kind, [f"{self.choice(['', 1, 2, 3])}..{self.choice([3, 5, 20, 255, 256])}"], "abc"
            case "int" | "float" | "decimal":
                point = "" if kind == "int" else self.choice(["", ".5", ".125"])
                lower, upper = self.randint(-(10**9), 10), self.randint(12, 10**9)
                below, above = f"{lower}{point}", f"{upper}{point}"
                rules = [[], ["ge=0"], ["lt=100"], [f"{below}..{above}"], [f"gt={below}"], [f"ge={below}", f"lt={above}"]]
                return kind, self.choice(rules), f"11{point}"
            case _:
                return kind, [], DEFAULTS[kind]


PLAIN = "string text int float decimal bool date datetime uuid email url json file".split()

DEFAULTS = {
    "bool": "true",
    "date": "2030-01-31",
    "datetime": "2030-12-31T23:59:59Z",
    "uuid": "00000000-0000-7000-8000-000000000000",
    "email": "a@example.com",
    "url": "https://example.com/",
    "json": '{"a":[1,2.50,null]}',
}


def pascal(snake: str) -> str:
    return "".join(word.capitalize() for word in snake.split("_"))
