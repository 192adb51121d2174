// SPDX-License-Identifier: Apache-2.0
#pragma once  // benchmarks/text/languages.hpp: a few sentences in many languages, which texts.hpp stretches to megabytes.

#include <array>
#include <string_view>

namespace bench {

inline constexpr std::string_view english =
    "The ferry leaves the harbour at half past six, when the lamps along the quay are still burning and the gulls have begun to "
    "quarrel over whatever the fishermen left behind. Most of the passengers know each other. They carry baskets, bicycles and "
    "folded newspapers, and they talk about the weather as if it were a neighbour who cannot be trusted. \"It'll clear by noon,\" "
    "said the captain, who had been wrong on Monday, Tuesday and most of Wednesday; nobody answered him. A machine that measures "
    "wind stood on the roof of the customs house, and a child asked why it was spinning when there wasn't any wind at all. Her "
    "grandfather explained, slowly and with many examples, that moving air is easier to notice when you stand still. In 1987 the "
    "island had 412 inhabitants and two schools; today it has 1,306 inhabitants, one school, and a laboratory in which biologists "
    "study how mussels attach themselves to rope. They don't publish much, but what they've published is careful. Engineers came "
    "next: first to repair the bridge, then to argue about tides, turbines and the price of copper. Every argument ended with "
    "soup. When the new library opened, its oldest book was a dictionary without the letter Q, and its newest an account of the "
    "great storm, printed on paper that smelled of salt. I read it twice. The author believed that memory is a kind of harbour: "
    "things arrive, are counted, and leave again in different boxes. Perhaps that's true. What I remember best is the sound of "
    "ropes against the mast, the patience of people who wait for boats, and the way in which everyone - captain, child, engineer "
    "and poet - looked up at the same moment, because the clouds had opened and the whole bay was suddenly made of light. "
    "Nothing important happened afterwards. We bought bread, we repaired the garden gate (it had been broken since the spring), "
    "and we wrote long letters to friends who'd moved to larger cities. Those letters were answered late, briefly, and with "
    "photographs. Would I go back? Certainly; however, I'd take warmer clothes, a better map and considerably less advice.\n";

struct Language {
  std::string_view name, text;
  bool spaced;  ///< words stand between blanks
};

inline constexpr std::array<Language, 16> languages{{
    {"english", english, true},
    {"german",
     "Der Zug hält heute länger als gewöhnlich, weil zwischen Brücke und Bahnhof ein Baum über den Gleisen liegt. Die Fahrgäste "
     "schauen aus den Fenstern, tauschen Äpfel gegen Zeitungen und überlegen, ob man die übrigen vier Kilometer auch zu Fuß gehen "
     "könnte. Größere Entscheidungen trifft hier niemand vor dem Frühstück.\n",
     true},
    {"french",
     "À la fin de l'été, le boulanger ferme sa boutique pendant trois semaines et confie la clé à sa voisine. Elle n'entre jamais, "
     "mais elle écoute : derrière la porte, le vieux four refroidit en craquant, comme un navire qu'on aurait oublié près d'une "
     "forêt. « C'est déjà l'automne », dit-elle aux élèves qui passent.\n",
     true},
    {"spanish",
     "¿Quién apagó la luz del faro? Según la niña, fue el viento; según el viejo guardián, una gaviota con demasiada imaginación. "
     "Mañana vendrá un técnico desde la capital, revisará cada lámpara y escribirá un informe que nadie leerá después del almuerzo.\n",
     true},
    {"polish",
     "Późną jesienią rzeka podnosi się o dwa łokcie i zabiera z brzegu łódki, których właściciele zapomnieli przywiązać. Później "
     "znajdują je uczniowie, źle pomalowane, lecz wciąż całe, między trzciną a młynem.\n",
     true},
    {"turkish",
     "Çarşının köşesindeki saatçi, kırık saatleri onarmaktan çok onların öyküsünü dinlemeyi sever. Öğleden sonra yağmur başlayınca "
     "dükkânı erkenden kapatır, ışığı söndürür ve ağır adımlarla iskeleye doğru yürür.\n",
     true},
    {"vietnamese",
     "Buổi sáng, khi sương còn phủ kín cánh đồng, những người bán hoa đã chèo thuyền ra chợ nổi. Họ gọi nhau bằng tên của các loài "
     "chim, và tiếng cười của họ đi xa hơn cả tiếng mái chèo.\n",
     true},
    {"russian",
     "Старый переводчик каждое утро приносил в библиотеку чайник и три словаря. Он говорил, что точное слово похоже на ключ: его "
     "долго ищут по всем карманам, а оно лежит на столе. Вчера он закончил последнюю главу, закрыл окно и впервые за двадцать лет "
     "ушёл домой раньше вечера.\n",
     true},
    {"greek",
     "Στο μικρό λιμάνι οι βάρκες γυρίζουν πριν από τη δύση, και τα παιδιά μετρούν τα δίχτυα αντί για τα ψάρια. Η δασκάλα γράφει "
     "τους αριθμούς με κιμωλία πάνω στην πέτρα, για να τους σβήσει η πρώτη βροχή.\n",
     true},
    {"arabic",
     "في آخر الشارع بيت قديم له باب أزرق، يجلس أمامه كل مساء رجل يصلح الساعات. يقول إن الوقت لا يتأخر أبدا، بل نحن الذين نصل بعده "
     "بقليل. ثم يضحك ويقدم الشاي للمارة دون أن يسأل عن أسمائهم.\n",
     true},
    {"hebrew",
     "בקצה הרחוב עומד בית ישן שדלתו כחולה, ולפניו יושב בכל ערב אדם שמתקן שעונים. הזמן אינו מאחר לעולם, הוא אומר, רק אנחנו מגיעים "
     "מעט אחריו.\n",
     true},
    {"hindi",
     "गाँव के पुराने कुएँ के पास एक नीम का पेड़ है, जिसकी छाया में दोपहर को सब लोग बैठते हैं। बच्चे पत्तियाँ गिनते हैं, बूढ़े पिछले साल की "
     "बारिश याद करते हैं, और डाकिया अपनी साइकिल वहीं छोड़कर चिट्ठियाँ बाँटने जाता है।\n",
     true},
    {"thai", "ทุกเช้าแม่ค้าพายเรือออกไปก่อนพระอาทิตย์ขึ้น ในเรือมีผลไม้ ดอกไม้ และวิทยุเครื่องเก่าที่เปิดเพลงเดิมเสมอ คนริมคลองจำเสียงเพลงนั้นได้ดีกว่าชื่อของเธอ\n",
     false},
    {"chinese",
     "山脚下的小镇每逢初三有集市,卖竹篮的老人总是第一个到。他不吆喝,只把篮子按大小排成一行,然后坐下来看书。有人问价,他就合上书,"
     "慢慢回答;没有人来,他就多读几页。到了傍晚,雨落在石板路上,篮子卖完了,书也正好读到最后一章。\n",
     false},
    {"japanese",
     "駅前の喫茶店では、毎週木曜日の午後に同じ三人が集まり、地図を広げて次の旅の話をする。まだ一度も出かけたことはないが、時刻表だけは"
     "誰よりも詳しい。コーヒーが冷めるころ、店主は静かにレコードを裏返し、窓の外の雪を数えはじめる。\n",
     false},
    {"korean",
     "언덕 위의 작은 천문대는 겨울에만 문을 연다. 관측소장은 손님이 오면 먼저 따뜻한 차를 내놓고, 구름이 걷힐 때까지 별의 이름에 얽힌 "
     "이야기를 "
     "들려준다. 어떤 날은 끝내 하늘이 열리지 않지만, 아무도 서두르지 않는다.\n",
     true},
}};

inline constexpr std::string_view source_code =
    "def weighted_mean(values, weights=None):\n    \"\"\"Mean of `values`; every weight is 1.0 unless given.\"\"\"\n"
    "    if weights is None:\n        weights = [1.0] * len(values)\n    total = sum(weights)\n"
    "    if not total:\n        raise ValueError(f'no weight in {weights!r}')\n"
    "    return sum(v * w for v, w in zip(values, weights)) / total\n\n\n"
    "for (std::size_t i = 0; i + 1 < rows.size(); ++i) {\n\tif (rows[i].key >= rows[i + 1].key) return false;  // not sorted\n}\n"
    "{\"id\": 4096, \"path\": \"/var/tmp/x_17.json\", \"tags\": [\"alpha\", \"beta\"], \"ratio\": 0.125, \"done\": true}\n"
    "SELECT name, COUNT(*) AS n FROM visits WHERE day BETWEEN '2021-03-01' AND '2021-03-31' GROUP BY name HAVING n > 3;\n";

inline constexpr std::string_view symbols = "😀🎉🚀👩‍🔬🇩🇪❤️🤖🌧️→∑≈½€£✓★①『』";

}  // namespace bench
