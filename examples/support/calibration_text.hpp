// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_text.hpp: what searches of codes look at when no --calib-data is given: prose, talk, code.

#include <cstddef>
#include <string>
#include <string_view>

#include "support/calibration_code.hpp"
#include "support/calibration_formats.hpp"
#include "support/calibration_languages.hpp"
#include "support/calibration_prose.hpp"

namespace program {

/// How it begins.
inline constexpr std::string_view calibration_opening =
    R"text(The lighthouse keeper's daughter had learned to read the weather before she learned to read books. When the gulls came inland and the
wind turned to the north-east, she would close the shutters without being told, carry the lamp oil up the two hundred and six steps, and
wait. "It will be a long night," her father said. She nodded. Outside, the sea was already the colour of slate.
A river does not flow downhill because it wants to reach the sea; it flows because every drop follows the steepest slope it can find. Over
thousands of years this simple rule carves valleys, moves sand from mountains to deltas, and decides where cities are built. Engineers
describe the same process with a differential equation, which can be solved approximately on a grid of points.
Question: A train leaves at 9:40 and arrives at 13:05. How long does the journey take? Answer: From 9:40 to 13:00 there are 3 hours and 20
minutes, and 5 minutes more make 3 hours and 25 minutes, or 205 minutes in all.
User: Could you suggest a name for a small bakery near a harbour?
Assistant: Of course! Here are five ideas: "Salt & Crumb", "The Morning Tide", "Anchor Bread", "Harbour Loaf" and "Two Ovens". If you tell
me more about the style of the shop, I can adapt them.
User: I like the second one. Please write one sentence for the sign.
Assistant: "The Morning Tide: fresh bread from five o'clock, until the last loaf is gone."
Photosynthesis converts carbon dioxide and water into sugar and oxygen: 6 CO2 + 6 H2O + light -> C6H12O6 + 6 O2. In plants it takes place
in the chloroplasts. The light reactions split water and store energy in ATP and NADPH; the Calvin cycle then uses both to fix carbon.
In 1869 the chemist arranged the sixty-three known elements by atomic weight and left gaps for those that nobody had found yet. Within
twenty years three of the gaps were filled, and the properties agreed with his predictions almost exactly.
To cook the lentils, rinse 250 g of them, cover them with three times as much water, add a bay leaf, and simmer for 25 minutes. Salt only at
the end. Meanwhile fry one chopped onion in two tablespoons of oil until it is golden, add cumin and a little chilli, and stir both together.
The committee shall meet at least four times a year. A decision requires the consent of two thirds of the members present; abstentions are
not counted. Minutes are to be published within ten working days, unless the rights of third parties stand against it.
def moving_average(values, width):
    """Return the mean of each window of `width` consecutive values."""
    if width <= 0:
        raise ValueError("width must be positive")
    total, result = sum(values[:width]), []
    for i in range(width, len(values) + 1):
        result.append(total / width)
        if i < len(values):
            total += values[i] - values[i - width]
    return result
#include <algorithm>
#include <vector>
// Merges two sorted sequences; elements of the first come first where both are equal.
template <class T>
std::vector<T> merge_sorted(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> out;
  out.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}
SELECT city, COUNT(*) AS orders, SUM(price) AS turnover FROM sales WHERE year = 2021 GROUP BY city HAVING COUNT(*) > 10 ORDER BY turnover DESC;
function debounce(callback, delay = 200) {
  let timer = null;
  return (...args) => { clearTimeout(timer); timer = setTimeout(() => callback(...args), delay); };
}
{"name": "sensor-7", "active": true, "readings": [{"t": 0, "celsius": 18.25}, {"t": 60, "celsius": 18.5}], "note": null}
| month | rain (mm) | days |
|-------|-----------|------|
| May   | 61.4      | 12   |
| June  | 48.0      | 9    |
# Installing the program
1. Unpack the archive: `tar xf tool-2.4.tar.gz && cd tool-2.4`
2. Configure and build it: `cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build -j`
3. Run the tests with `ctest --test-dir build`. If one of them fails, please open an issue and attach the log.
Let f(x) = x^3 - 3x + 1. Then f'(x) = 3x^2 - 3, which is zero at x = -1 and x = 1. Since f(-1) = 3 and f(1) = -1, the function has three
real roots, one in each of the intervals (-2, -1), (0, 1) and (1, 2). 17 * 23 = 391; 391 + 9 = 400; the square root of 400 is 20.
Am frühen Morgen lag Nebel über dem Fluss, und die Fähre fuhr noch nicht. Wer zur Arbeit wollte, wartete schweigend am Steg, trank Kaffee aus
einem Blechbecher und sah zu, wie das andere Ufer langsam sichtbar wurde. Niemand hatte es eilig; die Sonne würde schon kommen. Nach § 4 der
Satzung sind Anträge mindestens vierzehn Tage vor der Versammlung schriftlich einzureichen.
Le vieux marché se tient chaque jeudi sous les platanes. On y trouve du fromage de chèvre, des tomates encore tièdes de soleil, et surtout
des conversations qui durent plus longtemps que les achats. « Vous reviendrez la semaine prochaine ? » demande la marchande. Bien sûr :
c'est ici que l'on apprend tout ce que le journal ne raconte pas.
La biblioteca del pueblo abre por la tarde, cuando baja el calor. Los niños buscan historias de piratas; los mayores leen el periódico en
silencio. El año pasado compraron doscientos libros nuevos gracias a una rifa, y nadie recuerda haber visto tanta gente en la plaza.
Il treno regionale attraversa tre gallerie prima di arrivare al lago. Dal finestrino si vedono le vigne, poi i tetti rossi, infine l'acqua.
Quando scendemmo era quasi sera e l'aria sapeva di legna bruciata.
O pescador consertava a rede com paciência. Cada nó tinha de ficar firme, porque o mar, dizia ele, encontra sempre o ponto mais fraco.
Поезд пришёл вовремя, но на перроне никого не было. Анна поставила чемодан у стены, достала письмо и ещё раз прочитала последнюю строку:
«Я буду ждать тебя у старого моста». До моста было двадцать минут пешком, и снег только начинался.
春天来了，山谷里的雪慢慢融化，小溪的水越来越急。村里的老人说，今年的茶叶会比去年好，因为冬天够冷，雨也来得正是时候。孩子们放学以后
跑到桥上，看谁的纸船漂得最远。问：一个长方形的长是十二厘米，宽是五厘米，它的面积是多少？答：面积等于长乘以宽，也就是六十平方厘米。
朝の市場では、漁師たちが昨夜の海の話をしながら魚を並べていた。店の主人は一匹ずつ目を見て、鮮度を確かめる。「今日は風が強いから、明日は
船を出せないだろう」と誰かが言った。駅までは歩いて十五分ほどかかります。
할머니는 마당에서 고추를 말리고 계셨다. 가을 햇볕은 짧지만 따뜻했고, 바람이 불 때마다 붉은 고추가 조용히 흔들렸다. 저녁에는 온 가족이 모여
따뜻한 국을 먹기로 했다.
كان المكتب هادئًا في الصباح. فتحت سلمى النافذة، ووضعت الأوراق على الطاولة، وبدأت تكتب الرسالة التي أجّلتها أسبوعًا كاملًا. في الخارج كان
بائع الخبز ينادي كعادته كل يوم.
गाँव के पास एक पुराना बरगद का पेड़ था। गर्मियों में लोग उसकी छाया में बैठकर बातें करते थे, और बच्चे उसकी जड़ों पर झूला झूलते थे।
The market report for the third quarter shows revenue of 4.2 million euros, 7.5 % above the previous year, while costs rose by only 3.1 %.
The board expects the trend to continue, but points to three risks: energy prices, exchange rates, and the shortage of skilled staff.
Dear Ms. Alvarez, thank you for your message of 14 March. We have checked the invoice and found that the discount was applied twice. A
corrected version is attached; please transfer the difference of 18.60 by the end of the month. Kind regards, Tomas Lindqvist.
Once, a fox found a mirror in the woods. He looked into it and saw another fox, who seemed to him both handsome and rather rude, for he
copied every gesture. The fox growled; the other growled. The fox bowed; the other bowed. "At least," he thought, "he is willing to learn."
A vaccine shows the immune system a harmless part of a pathogen, so that memory cells are ready before the real infection arrives. How long
the protection lasts depends on the pathogen, on the kind of vaccine and on the person; for some diseases a second dose is needed.
If it rains tomorrow, the match will be moved to Sunday; otherwise it starts at three. All cats are animals. Some animals are black. It does
not follow that some cats are black, although it happens to be true. Neither of the two statements can be used to prove the other.
git commit -m "Fix rounding in the invoice total" && git push origin main
Traceback (most recent call last):
  File "report.py", line 42, in <module>
    print(totals["2020"] / count)
ZeroDivisionError: division by zero
Violin makers choose spruce for the top of the instrument because it is light and stiff along the grain, and maple for the back because it
is dense and reflects the sound. The varnish matters less than legends say; the thickness of the plates, tuned by tapping, matters more.
Dos and don'ts for the first week: do ask questions, do write things down, don't change the production database, and don't skip lunch.
)text";

/// Written for this purpose, in twenty-one languages, with code, tables and arithmetic, about 14,000 tokens; in no other text. The kinds
/// take turns. It is joined here because compilers limit how long one literal may be.
[[nodiscard]] inline std::string calibration_text() {
  std::string text{calibration_opening};
  for (std::size_t i = 0; i < calibration_prose.size(); ++i) {
    if (i < calibration_code.size()) text += calibration_code[i];
    text += calibration_prose[i];
    if (i < calibration_formats.size()) text += calibration_formats[i];
    text += calibration_languages[i];
  }
  return text;
}
static_assert(calibration_languages.size() == calibration_prose.size());
static_assert(calibration_code.size() <= calibration_prose.size() && calibration_formats.size() <= calibration_prose.size());

}  // namespace program
