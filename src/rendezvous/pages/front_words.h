// The words of the front page, in English and Dutch. {} is filled in.
#pragma once

#include <string_view>

namespace goop::rendezvous {

struct FrontWords {
  std::string_view title, lead;
  std::string_view here, nobody, one_peer, peers, listed, none_listed, more, visit;
  std::string_view join, get, first_steps, one_line, other_urls, settings, restart, copy, only_here;
  std::string_view scan, scan_name;
  std::string_view registration, register_link;
  std::string_view knows, knows_text, signed_text, compatible, strict, manual;
};

inline constexpr FrontWords english_front{
    .title = "A meeting point for Goop² peers",
    .lead =
        "With Goop², people show web sites from their own computers. This server tells those "
        "computers where the others are. The sites themselves, and what people send each "
        "other, do not pass through it.",
    .here = "Who is here",
    .nobody = "Nobody is here at the moment.",
    .one_peer = "One peer is here now.",
    .peers = "{} peers are here now.",
    .listed = "These want to be seen on this page:",
    .none_listed = "Nobody here has chosen to be seen on this page.",
    .more = "And {} more.",
    .visit = "To visit them, open the page “Peers” of your own Goop².",
    .join = "How to join",
    .get = "Get Goop² on your computer:",
    .first_steps = "First steps",
    .one_line =
        "Then type this line in a terminal, best with your own name in place of “my-site”: others "
        "see it. It makes a folder of that name with a site in it, or takes the one that is "
        "there, and starts it:",
    .other_urls =
        "This server has more than one address. If yours does not reach the one above, "
        "try these:",
    .settings =
        "For a peer that is set up already, this is the setting; put its folder in place "
        "of DIR:",
    .restart = "It counts from the peer's next start.",
    .copy = "Copy",
    .only_here =
        "At present only this machine reaches the server. Its operator lets others in with "
        "presence.rendezvous_bind (see the manual: Hosting a rendezvous server).",
    .scan = "This page on another device:",
    .scan_name = "QR code of this server's address",
    .registration = "This server shows a peer to others when its e-mail address is confirmed.",
    .register_link = "Register",
    .knows = "What this server knows",
    .knows_text =
        "Of each peer: its id, its name, its addresses, when it comes and goes; and its "
        "e-mail address, if its owner chose to share it. This page shows none of it but "
        "the names of those who want that.",
    .signed_text =
        "A peer signs what it says of itself, and the others check that: nobody, this "
        "server included, can speak for somebody else.",
    .compatible =
        "Addresses are told to peers that are here themselves. This server also serves "
        "older programs, which do not sign: those are told addresses when a peer of "
        "theirs is here from the same network.",
    .strict = "Addresses are told only to peers that are here themselves and have proven it.",
    .manual = "The manual",
};

inline constexpr FrontWords dutch_front{
    .title = "Een ontmoetingsplek voor Goop²",
    .lead =
        "Met Goop² laten mensen websites zien vanaf hun eigen computer. Deze server vertelt "
        "die computers waar de andere zijn. De sites zelf, en wat mensen elkaar sturen, gaan "
        "er niet doorheen.",
    .here = "Wie er is",
    .nobody = "Er is nu niemand.",
    .one_peer = "Er is nu één peer.",
    .peers = "Er zijn nu {} peers.",
    .listed = "Deze willen op deze pagina gezien worden:",
    .none_listed = "Niemand hier heeft ervoor gekozen op deze pagina te staan.",
    .more = "En nog {}.",
    .visit = "Wil je er een bezoeken? Open de pagina “Peers” van je eigen Goop².",
    .join = "Zo doe je mee",
    .get = "Zet Goop² op je computer:",
    .first_steps = "Eerste stappen",
    .one_line =
        "Typ dan deze regel in een terminal, liefst met je eigen naam in plaats van “my-site”: "
        "die zien anderen. De regel maakt een map met die naam en een site erin, of neemt de map "
        "die er al is, en start haar:",
    .other_urls =
        "Deze server heeft meer dan één adres. Kom je niet bij het adres hierboven, "
        "probeer dan deze:",
    .settings =
        "Voor een peer die je al hebt is dit de instelling; zet haar map op de plaats van "
        "DIR:",
    .restart = "Ze geldt vanaf de volgende start van die peer.",
    .copy = "Kopieer",
    .only_here =
        "Nu kan alleen deze machine bij de server. De beheerder laat anderen toe met "
        "presence.rendezvous_bind (zie de handleiding: Hosting a rendezvous server).",
    .scan = "Deze pagina op een ander apparaat:",
    .scan_name = "QR-code van het adres van deze server",
    .registration =
        "Deze server laat een peer pas aan anderen zien als haar e-mailadres bevestigd "
        "is.",
    .register_link = "Aanmelden",
    .knows = "Wat deze server weet",
    .knows_text =
        "Van elke peer: haar id, haar naam, haar adressen, wanneer ze komt en gaat; en "
        "haar e-mailadres, als de eigenaar dat wil delen. Deze pagina toont daarvan "
        "alleen de namen van wie dat willen.",
    .signed_text =
        "Een peer ondertekent wat ze over zichzelf zegt en de andere controleren dat: "
        "niemand, ook deze server niet, kan namens een ander spreken.",
    .compatible =
        "Adressen worden verteld aan peers die er zelf zijn. Deze server bedient ook "
        "oudere programma's, die niet ondertekenen: die horen adressen als er een peer "
        "van hen is vanuit hetzelfde netwerk.",
    .strict = "Adressen worden alleen verteld aan peers die er zelf zijn en dat bewezen hebben.",
    .manual = "De handleiding",
};

}  // namespace goop::rendezvous
