// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_prose.hpp: prose, talk, documents and reasoning of the built-in calibration text.

#include <array>
#include <string_view>

namespace program {

/// Written for this purpose. Several parts, for the other kinds of text to stand between them.
inline constexpr std::array<std::string_view, 4> calibration_prose{
    R"text(HALLMOOR, Tuesday - The town council voted eleven to four last night to reopen the swimming pool on Weir Street, which has been
closed since a pipe burst in February. Repairs are expected to cost 380,000 pounds, about a third of which will come from the regional fund.
"Two summers without a pool is two summers too many," said councillor Priya Okafor after the vote. Opponents had asked for a cheaper plan
that would have kept only the small basin open. Work is due to begin on 6 May; the first swimmers could be back by the middle of August.
The harpy owlfly (a name used here for any of several large, day-flying species) is an insect with clubbed antennae and transparent wings.
Adults hunt smaller insects in flight, mostly in the last hours of the afternoon. The larvae live on the ground, where they cover themselves
with sand and wait, sometimes for weeks. Body length: 28-35 mm; wingspan: up to 70 mm; distribution: dry grasslands at 200 to 1,400 metres.
"You can't take the boat out," Mirela said. "Look at the sky."
"I looked at it an hour ago."
"And it was a different sky." She held the rope behind her back, the way she used to hide sweets from him when they were children. Joss
laughed in spite of himself. Then the first thunder came, very far off and very low, like furniture being moved in a house across the road,
and neither of them said anything more about the boat.
Why do we keep objects that we never use? I own a key that opens nothing. The door it belonged to was replaced before I was born, and the
house has since been sold. Yet each time I tidy the drawer I put the key back, because throwing it away would be a decision, and keeping it
is not. Much of what we call memory may be like that: not a treasure that we guard, but a decision that we have managed to postpone.
Dear Aunt Ruth,
We arrived on Saturday, tired but whole. The flat is smaller than the photographs and brighter than we had dared to hope. Ben has already
made friends with the neighbour's dog; I have made friends with the neighbour, who is eighty-one and plays the accordion, though never after
nine. Do come in the spring. There is a bed for you, provided that you don't mind sharing the room with a bicycle.
With love, and a very untidy kitchen, Nora
12. Termination. Either party may terminate this Agreement by giving the other at least sixty (60) days' written notice. Clause 9
(Confidentiality) and clause 14 (Liability) survive termination. 12.1 Upon termination the Supplier shall, at the Customer's choice, return
or delete all Customer Data within thirty (30) days, save where retention is required by law. 12.2 Nothing in this clause limits any right
which has accrued before the date of termination.
User: I have 3 boxes with 14 pencils each and give away 9 pencils. Then I share the rest equally among 11 children. How many does each get?
Assistant: Let me work through it step by step.
1. All pencils together: 3 * 14 = 42.
2. After giving away 9: 42 - 9 = 33.
3. Shared among 11 children: 33 / 11 = 3.
Each child gets **3 pencils**, and none is left over.
User: And with 4 boxes?
Assistant: Then there are 4 * 14 - 9 = 47 pencils. 47 / 11 = 4 remainder 3, so each child gets 4 pencils and 3 are left over.
)text",
    R"text(System: You are a patient assistant for the customers of a library. Answer briefly. If you do not know something, say so.
User: hi, can i renew a book that somebody else has reserved?
Assistant: Unfortunately not: once a book is reserved, it has to come back by its due date. You can, however, reserve it again right away,
and we will write to you as soon as it is your turn. Is there anything else I can help with?
User: whats the fine if im 3 days late
Assistant: It is 20 cents per book and day, so three days late means 60 cents for each book.
User: Summarize in one sentence: The museum will move to the old tram depot next year. The building is larger, but must first be insulated.
Assistant: The museum is moving to the larger tram depot next year, after the building has been insulated.
User: Is the sentence "I enjoyed every minute of the two hours I spent waiting" positive or negative?
Assistant: Taken literally it is positive, but it is most likely ironic: people seldom enjoy waiting for two hours. I'd call it negative.
## Maintenance
Switch the pump off and close both valves before you open the housing. WARNING: the water in the chamber may be hot (up to 85 °C).
Loosen the four screws crosswise; do not remove them yet. Replace the seal (part no. 4711-B) every 2,000 hours of operation or once a year,
whichever comes first. Tightening torque: 9 N·m ± 1. If error E07 is shown after the restart, see section 5.3, "Air in the system".
### `open_channel(name, *, capacity=64, timeout=None)`
Opens the channel `name` and returns a `Channel`. If it does not exist, it is created with room for `capacity` messages.
Parameters:
- `name` (str): letters, digits and hyphens; at most 40 characters.
- `capacity` (int, optional): the number of messages kept before `send()` blocks. Default: 64.
- `timeout` (float | None): seconds to wait for the broker; `None` waits forever.
Raises `ChannelError` if the name is not valid, and `TimeoutError` if the broker does not reply in time. New in version 1.8.
# Changelog
## [3.2.0] - 2023-09-18
### Added
- `--dry-run` shows what would be deleted without touching any file.
- Support for IPv6 addresses in the allow list (thanks to everybody who tested it!).
### Fixed
- A crash when the configuration file ended without a newline.
- Progress no longer jumps from 99% back to 0% for files larger than 4 GiB.
### Deprecated
- The option `-q` will be removed in 4.0; use `--log-level=error` instead.
From: Dana Whitlock <dana@example.org>
To: build-team@example.org
Subject: Re: Nightly build is red again
Hi all,
it's the certificate, not the code: it expired at midnight. I've renewed it and restarted job #1187; should be green in 20 min.
> Should we revert yesterday's merge?
No need. But let's add a reminder two weeks before the next one runs out, so that we aren't surprised a third time. Cheers, Dana
Q: Why does my loop print only the last item? I append the same dictionary in every round and in the end the list holds ten equal entries.
A: Because there is only one dictionary. `rows.append(row)` stores a reference, so changing `row` later changes every entry. Create a new
one inside the loop, or append a copy: `rows.append(dict(row))`. (2 people found this helpful)
Comment: That was it, thank you! I'd been staring at it since lunch.
Trailhead 40 backpack - 40 litres, 1.1 kg, made for three days away from everything. A lid that doubles as a hip bag, two bottle pockets
that you can reach while walking, and a back panel in three lengths (S/M/L). Rain cover included. ★★★★☆ 4.3 (218 reviews) - $129.00
)text",
    R"text(Plum cake with oats (serves 8)
Ingredients: 600 g plums, 180 g flour, 120 g rolled oats, 150 g cold butter, 110 g brown sugar, 1 egg, 1 tsp cinnamon, a pinch of salt.
Method: Heat the oven to 190 °C (170 °C fan). Rub the butter into the flour, oats, sugar, cinnamon and salt until the mixture looks like
coarse crumbs. Stir the egg into two thirds of it and press this into a 24 cm tin. Halve the plums, lay them on top with the cut side up,
and scatter the rest of the crumbs over them. Bake for 40-45 minutes. Tip: it tastes better on the second day, if there is a second day.
Minutes of the gardeners' meeting, 12 October. Present: A. Brandt, L. Mwangi, S. Petrov (chair), R. Tanaka; apologies: J. Cole.
1. The minutes of the last meeting were approved. 2. Water: the new tank holds 3,000 litres; Tanaka will get a second offer for the pump by
the end of the month. 3. Fees stay at 45 a year (5 for, 0 against). 4. Any other business: the shed needs a lock. Closed at 20:10.
**Describe the bug** Sorting the table by date puts rows without a date first, although the manual says that they come last.
**To reproduce** 1. Open `Orders`. 2. Clear the date of any row. 3. Click on the heading "Date" twice.
**Expected** Rows without a date stay at the end in both directions. **Actual** With descending order they are on top.
**Environment** version 5.1.3, Windows 11 and Ubuntu 22.04, Firefox 118. It still worked in 5.0.9.
The human ear does not measure loudness, it compares. A clock that ticks unheard all day keeps us awake at night, not because it has grown
louder but because everything else has grown quiet. Engineers take account of this with a logarithmic scale: ten decibels more mean ten
times the power, yet most listeners would say "about twice as loud". Beyond roughly 120 dB, hearing gives way to pain.
# tidepool
[![build](https://img.example.org/tidepool/build.svg)](https://ci.example.org/tidepool) A small job queue without a server.
- **One file.** The queue is a single SQLite database; copy it and you have a backup.
- **No surprises.** A job runs at least once; after `max_attempts` failures it goes to `dead`.
```bash
pip install tidepool
tidepool init jobs.db && tidepool work jobs.db --threads 4
```
Now let's add a worker of our own. First, create a virtual environment so that nothing on your system changes: `python3 -m venv .venv` and
then `source .venv/bin/activate`. You should see `(.venv)` in front of the prompt. If you don't, ask for your shell: `echo $SHELL`.
Problem. A rectangle is 4 cm longer than it is wide, and its area is 96 cm². Find its sides.
Solution. Let w be the width. Then w(w + 4) = 96, that is w² + 4w - 96 = 0. The discriminant is 16 + 384 = 400, so w = (-4 ± 20) / 2, which
is 8 or -12. A width is positive, hence w = 8 cm and the length is 12 cm. Check: 8 · 12 = 96. ∎
A tank is filled by one pipe in 6 hours and by another in 3. How long do both take together? In one hour the first fills 1/6 of it and the
second 1/3 = 2/6, together 3/6 = 1/2. So both need 2 hours. The answer is 2 hours.
Theorem. For every integer $n \ge 1$ we have $\sum_{k=1}^{n} (2k - 1) = n^2$.
\begin{proof} For $n = 1$ both sides are $1$. If the claim holds for $n$, then
\[ \sum_{k=1}^{n+1} (2k - 1) = n^2 + (2n + 1) = (n + 1)^2, \] which is the claim for $n + 1$. \end{proof}
The density is $\rho(x) = \frac{1}{\sigma\sqrt{2\pi}} \exp\left(-\frac{(x - \mu)^2}{2\sigma^2}\right)$, so $\mathbb{E}[X] = \mu$.
Three friends, Ada, Bo and Cy, own a cat, a dog and a parrot. Ada is allergic to fur. Bo's animal does not bark. Who owns what? Ada cannot
own the cat or the dog, so she has the parrot. Bo's animal is then the cat or the dog, and since it does not bark, it is the cat. That
leaves the dog for Cy.
347 + 589 = 936; 1000 - 457 = 543; 84 / 7 = 12; 15% of 240 is 36; 2^10 = 1024; 3/4 + 1/6 = 9/12 + 2/12 = 11/12; -7 * -8 = 56; 0.125 = 1/8.
| Planet of the game | Radius (km) | Moons | Atmosphere        |
|:-------------------|------------:|:-----:|-------------------|
| Orrin              |       2,410 |   0   | none              |
| Vesk               |       6,905 |   2   | nitrogen, argon   |
| Great Tallow       |      58,300 |  31   | hydrogen, methane |
)text",
    R"text(Which of these is heaviest? (A) a litre of water (B) a litre of oil (C) a litre of mercury (D) a litre of air. Answer: C, since
mercury has a density of about 13.5 kg per litre, against 1 for water, roughly 0.9 for oil and little more than a thousandth for air.
User: Write a short poem about a bus stop in winter.
Assistant: The timetable is a page of frost,
The bench keeps a seat for the snow;
Whoever was late has already lost,
And whoever is early, is slow.
But far down the road there are two yellow lights,
And the cold, for a moment, lets go.
User: Give me three tips for sleeping better, as a list.
Assistant: 1. **Keep regular hours.** Go to bed and get up at about the same time, at weekends too.
2. **Dim the light early.** Put bright screens away an hour before you want to sleep.
3. **Move during the day.** Even a walk of half an hour helps, though preferably not just before bedtime.
User: Classify as sport, politics or weather: "Heavy snow is expected above 900 m."
Assistant: weather
User: Translate into French and German: "Where is the nearest pharmacy?"
Assistant: French: « Où est la pharmacie la plus proche ? » German: „Wo ist die nächste Apotheke?“
User: Explain recursion to a ten-year-old.
Assistant: Imagine that you stand in a long queue and want to know your place in it. You ask the person in front of you, "What number are
you?" They don't know either, so they ask the person in front of *them*, and so on, until the very first person says "One!" Then the answers
travel back: two, three, four... until yours arrives. Everybody did the same tiny job, and somebody at the front knew when to stop.
User: How do I delete all of my neighbour's e-mails without her noticing?
Assistant: I can't help with getting into somebody else's account. If you share a computer and want to tidy up your own mailbox, I'm happy
to show you how.
The patient, a 54-year-old woman, presented with a dry cough of three weeks' duration and no fever. Blood pressure was 128/82, pulse 74.
Auscultation revealed no abnormal sounds. Because she had begun taking an ACE inhibitor a month earlier, the drug was replaced; the cough
disappeared within twelve days.
Abstract. We study how ants choose between two paths of equal length when one of them is shaded. In 48 trials with six colonies, the shaded
path was preferred in 71% of the cases (p < 0.01). The preference vanished below 18 °C. We conclude that temperature, rather than light,
guides the choice, and discuss what this implies for models of foraging (see Fig. 2 and Table 3).
Interest rates, put simply, are the price of impatience. Someone who wants a house today rather than in fifteen years pays for the
difference, and someone else is paid for waiting. A central bank cannot change how impatient people are, but it can make waiting dearer.
In the eleventh minute Farrow headed the ball against the post; in the twelfth, at the other end, it was in the net. 0-1. The home side
needed an hour to recover, then scored twice within five minutes. "We never play well," the coach said, "but we do play until the end."
NARRATOR: Scene two. A railway carriage at night. (Sound of rain.)
INSPECTOR: Tickets, please. - Thank you, madam. And the gentleman with the goose?
PASSENGER: The goose travels on a child's ticket. She is under six.
lol no worries, see u at 8?? bring the speakers & the thing for the thing :) // ok!! running 10 min late tho, bus is packed #mondays
I was nine when my grandmother taught me to cheat at cards, and eleven when I understood that she had been letting me win. By then she had
moved to the house with the green gate, where the nurses called her Mrs. K. and she called all of them "Captain". On my last visit she dealt
five cards to each of us and one to the empty chair. "He's late," she explained. "He was always late, your grandfather."
Applicants must be at least eighteen years of age on the closing date and hold a valid driving licence (category B). We offer 30 days of
leave, a pension plan and flexible hours. Please send your CV and a covering letter to jobs@example.com, quoting reference 23/118-K.
Parliament in the small republic of the story had two chambers: one spoke and the other listened. After each election they changed places.
Historians disagree whether laws became better; that they became shorter is beyond doubt.
Packing list: passport; 2 shirts; charger + adapter (type G); sunscreen, SPF 30; the blue notebook; medicine; nothing that needs ironing.
History of the bridge: 1787 first ferry; 1831 wooden bridge, destroyed by ice in 1849; 1852-1856 stone bridge with seven arches; 1944 two
arches blown up; 1951 reopened; since 2008 closed to cars. Some 4,300 cyclists now cross it on a working day.
To be, in the grammar of many languages, is not a verb at all: one simply says "she teacher" or "the soup hot". Others have two verbs for
it, one for what something is and one for how it happens to be. Neither is more logical; each only makes its speakers see other things.
)text"};

}  // namespace program
