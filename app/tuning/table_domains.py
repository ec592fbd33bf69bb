"""What tables for practice are about: all made up, so that nothing in them can be known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how it is asked for.

    Attributes:
        asked: A question with ``{}`` for the name of the row.
        values: Of numbers the first, the last and the step; else the words to choose from.
        most: Asks for the row with the greatest number; blank where nobody would.
        more: Asks which of two rows, ``{}`` and ``{}``, has the greater number.
        unit: Behind each number.
    """

    name: str
    asked: str
    values: tuple[int, int, int] | tuple[str, ...]
    most: str = ""
    more: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """What a table is about.

    Attributes:
        rows: Names of the rows.
        missing: Questions, with ``{}`` for the name of a row, that no column answers.
    """

    title: str
    name: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]
    missing: tuple[str, ...]


_MONTHS = ("January", "March", "April", "June", "July", "September", "October", "December")
_COUNTRIES = ("Norway", "Chile", "Kenya", "Japan", "Portugal", "Canada", "Vietnam", "Poland")
_COLOURS = ("blue", "dark green", "grey", "red", "white", "ochre", "black", "turquoise")

DOMAINS = (
    Domain(
        "Mountain huts",
        "Hut",
        ("Alderfell", "Brackenhorn", "Corrie View", "Dunmore", "Eagle Rest", "Fernside", "Gorse"),
        (
            Column(
                "Altitude",
                "How high does {} lie?",
                (900, 2900, 10),
                "Which hut lies highest?",
                "Which hut lies higher, {} or {}?",
                " m",
            ),
            Column(
                "Beds",
                "How many beds does {} have?",
                (12, 96, 2),
                "Which hut has most beds?",
                "Which hut has more beds, {} or {}?",
            ),
            Column("Open from", "From which month is {} open?", _MONTHS),
            Column(
                "Warden",
                "Who is the warden of {}?",
                (
                    "I. Falk",
                    "M. Orsini",
                    "T. Brandt",
                    "L. Quiroga",
                    "S. Aalto",
                    "P. Nowak",
                    "R. Dembele",
                ),
            ),
        ),
        ("What does a night at {} cost?", "Who built {}?", "In which year was {} opened?"),
    ),
    Domain(
        "Price list of spare parts",
        "Part",
        (
            "hinge set",
            "door seal",
            "pump filter",
            "drain hose",
            "control knob",
            "heating coil",
            "drum belt",
            "inlet valve",
        ),
        (
            Column(
                "Price",
                "What does the {} cost?",
                (4, 180, 1),
                "Which part is the dearest?",
                "Which is dearer, the {} or the {}?",
                " EUR",
            ),
            Column("Part number", "What is the part number of the {}?", (10_120, 98_770, 137)),
            Column(
                "In stock",
                "How many of the {} are in stock?",
                (0, 240, 3),
                "Of which part are most in stock?",
                "Of which are more in stock, {} or {}?",
            ),
            Column(
                "Delivery",
                "How long does delivery of the {} take?",
                ("2 days", "one week", "10 days", "3 weeks", "24 hours"),
            ),
        ),
        ("How heavy is the {}?", "Who makes the {}?", "Which machines does the {} fit?"),
    ),
    Domain(
        "Ferry timetable",
        "Line",
        (
            "Skarholm–Vik",
            "Vik–Lunde",
            "Lunde–Torsey",
            "Torsey–Marrak",
            "Marrak–Skarholm",
            "Ostby–Lunde",
        ),
        (
            Column(
                "First departure",
                "When does the first ferry {} leave?",
                ("05:40", "06:15", "06:55", "07:20", "08:05", "09:30"),
            ),
            Column(
                "Last departure",
                "When does the last ferry {} leave?",
                ("18:10", "19:45", "20:30", "21:15", "22:50", "23:25"),
            ),
            Column(
                "Crossing",
                "How long does the crossing {} take?",
                (15, 140, 5),
                "Which line takes longest?",
                "Which line takes longer, {} or {}?",
                " min",
            ),
            Column(
                "Pier",
                "From which pier does the ferry {} leave?",
                ("A", "B2", "C", "D1", "North 3", "West"),
            ),
        ),
        (
            "What does a ticket for {} cost?",
            "How many cars fit on the ferry {}?",
            "Which ship serves {}?",
        ),
    ),
    Domain(
        "Quarterly report: regions",
        "Region",
        ("North", "South", "Lake District", "Coast", "Highlands", "Capital"),
        (
            Column(
                "Revenue",
                "What was the revenue of the region {}?",
                (120, 980, 7),
                "Which region had the highest revenue?",
                "Which region had the higher revenue, {} or {}?",
                " thousand",
            ),
            Column(
                "Orders",
                "How many orders did the region {} have?",
                (310, 4900, 13),
                "Which region had most orders?",
                "Which region had more orders, {} or {}?",
            ),
            Column(
                "Returns",
                "How many returns came from the region {}?",
                (4, 190, 3),
                "Which region had most returns?",
                "Which region had more returns, {} or {}?",
            ),
            Column(
                "Head",
                "Who heads the region {}?",
                ("Ms Adeyemi", "Mr Lindqvist", "Ms Rossi", "Mr Okafor", "Ms Tanaka", "Mr Duarte"),
            ),
        ),
        ("What profit did the region {} make?", "How many people work in the region {}?"),
    ),
    Domain(
        "Settings of the device",
        "Setting",
        (
            "timeout",
            "retry_limit",
            "buffer_size",
            "poll_interval",
            "log_level",
            "max_sessions",
            "cache_ttl",
        ),
        (
            Column("Default", "What is the default of {}?", (1, 900, 7)),
            Column("Largest", "What is the largest value that {} may have?", (1000, 9000, 50)),
            Column(
                "Since version",
                "Since which version is there {}?",
                ("1.4", "2.0", "2.3", "3.1", "3.5", "4.0"),
            ),
            Column("Needs restart", "Does {} need a restart?", ("yes", "no")),
        ),
        ("In which unit is {} given?", "Which file holds {}?", "Who may change {}?"),
    ),
    Domain(
        "Trees of the city park",
        "Tree",
        (
            "Old Beech",
            "Mayor's Oak",
            "Twin Larch",
            "Silver Lime",
            "Ginkgo",
            "Black Pine",
            "Copper Maple",
        ),
        (
            Column(
                "Height",
                "How tall is the {}?",
                (8, 41, 1),
                "Which tree is the tallest?",
                "Which tree is taller, {} or {}?",
                " m",
            ),
            Column("Planted", "When was the {} planted?", (1790, 1988, 3)),
            Column(
                "Girth",
                "What is the girth of the {}?",
                (95, 560, 5),
                "Which tree has the greatest girth?",
                "Which tree has the greater girth, {} or {}?",
                " cm",
            ),
            Column(
                "Place",
                "Where does the {} stand?",
                ("by the pond", "rose garden", "main gate", "playground", "north lawn"),
            ),
        ),
        ("Who planted the {}?", "Which disease does the {} have?"),
    ),
    Domain(
        "Expeditions of the institute",
        "Expedition",
        ("Aurora", "Borealis II", "Cormorant", "Delta", "Endurance West", "Fulmar", "Gannet"),
        (
            Column(
                "Leader",
                "Who led the expedition {}?",
                (
                    "Ingrid Solheim",
                    "Paul Mbeki",
                    "Carla Ferro",
                    "Jun Sakamoto",
                    "Owen Price",
                    "Nadia Haddad",
                    "Lars Winge",
                ),
            ),
            Column("Year", "In which year did the expedition {} take place?", (1924, 2019, 2)),
            Column("Country", "To which country did the expedition {} go?", _COUNTRIES),
            Column(
                "Members",
                "How many members did the expedition {} have?",
                (4, 38, 1),
                "Which expedition had most members?",
                "Which expedition had more members, {} or {}?",
            ),
        ),
        ("What did the expedition {} cost?", "Which ship did the expedition {} use?"),
    ),
    Domain(
        "Nutrition per 100 g",
        "Product",
        ("oat bar", "rye crispbread", "lentil crackers", "muesli", "almond butter", "fig bread"),
        (
            Column(
                "Energy",
                "How much energy does 100 g of {} have?",
                (210, 640, 3),
                "Which product has most energy?",
                "Which has more energy, {} or {}?",
                " kcal",
            ),
            Column(
                "Protein",
                "How much protein is in 100 g of {}?",
                (4, 29, 1),
                "Which product has most protein?",
                "Which has more protein, {} or {}?",
                " g",
            ),
            Column(
                "Sugar",
                "How much sugar is in 100 g of {}?",
                (1, 42, 1),
                "Which product has most sugar?",
                "Which has more sugar, {} or {}?",
                " g",
            ),
            Column("Allergen", "Which allergen is in {}?", ("gluten", "nuts", "sesame", "milk")),
        ),
        ("What does the {} cost?", "How long does the {} keep?", "How much salt is in {}?"),
    ),
    Domain(
        "Rooms of the conference house",
        "Room",
        ("Ada", "Brunel", "Curie", "Darwin", "Euler", "Franklin", "Gauss"),
        (
            Column(
                "Seats",
                "How many seats does room {} have?",
                (8, 220, 4),
                "Which room has most seats?",
                "Which room has more seats, {} or {}?",
            ),
            Column(
                "Floor",
                "On which floor is room {}?",
                ("ground floor", "first", "second", "third", "fourth"),
            ),
            Column(
                "Hire a day",
                "What does room {} cost a day?",
                (90, 870, 10),
                "Which room is the dearest?",
                "Which room is dearer, {} or {}?",
                " EUR",
            ),
            Column("Projector", "Does room {} have a projector?", ("yes", "no", "on request")),
        ),
        ("How large is room {} in square metres?", "Which colour are the walls of room {}?"),
    ),
    Domain(
        "Players of the season",
        "Player",
        (
            "Tom Arber",
            "Luis Varga",
            "Henrik Moe",
            "Samir Nadal",
            "Joe Whitlock",
            "Ben Osei",
            "Karel Dvorsky",
        ),
        (
            Column(
                "Goals",
                "How many goals did {} score?",
                (0, 34, 1),
                "Who scored most goals?",
                "Who scored more goals, {} or {}?",
            ),
            Column(
                "Games",
                "In how many games did {} play?",
                (9, 38, 1),
                "Who played in most games?",
                "Who played in more games, {} or {}?",
            ),
            Column(
                "Position",
                "In which position does {} play?",
                ("goalkeeper", "left back", "striker", "midfield", "right wing"),
            ),
            Column(
                "Club before",
                "For which club did {} play before?",
                ("Rovers", "Harbour FC", "Union", "Athletic", "St. Brice"),
            ),
        ),
        ("How old is {}?", "What does {} earn?", "In which country was {} born?"),
    ),
    Domain(
        "Storms of the last years",
        "Storm",
        ("Agnes", "Bruno", "Celia", "Dorian", "Elvira", "Fergus", "Greta"),
        (
            Column(
                "Strongest gust",
                "How strong was the strongest gust of the storm {}?",
                (96, 214, 2),
                "Which storm had the strongest gust?",
                "Which storm had the stronger gust, {} or {}?",
                " km/h",
            ),
            Column(
                "Date",
                "When was the storm {}?",
                (
                    "12 January 2017",
                    "3 March 2018",
                    "28 October 2019",
                    "9 February 2020",
                    "17 November 2021",
                    "21 May 2022",
                ),
            ),
            Column(
                "Homes without power",
                "How many homes were without power in the storm {}?",
                (1200, 98_000, 350),
                "Which storm left most homes without power?",
                "Which storm left more homes without power, {} or {}?",
            ),
        ),
        ("How many people died in the storm {}?", "How much rain did the storm {} bring?"),
    ),
    Domain(
        "Paints for wood",
        "Paint",
        ("Bergen 10", "Dune", "Harbour Matt", "Larch Oil", "Satin 4", "Tidewater"),
        (
            Column("Colour", "Which colour is {}?", _COLOURS),
            Column(
                "Dry after",
                "After how many hours is {} dry?",
                (2, 30, 1),
                "Which paint takes longest to dry?",
                "Which paint takes longer to dry, {} or {}?",
                " h",
            ),
            Column(
                "Coverage",
                "How large an area does a litre of {} cover?",
                (6, 18, 1),
                "Which paint covers the largest area?",
                "Which paint covers the larger area, {} or {}?",
                " m²",
            ),
            Column(
                "Thinner",
                "What is {} thinned with?",
                ("water", "turpentine", "white spirit", "nothing"),
            ),
        ),
        ("What does a litre of {} cost?", "Is {} safe for toys?", "Who makes {}?"),
    ),
)
