// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/calibration_languages.hpp: the twenty languages beside English of the built-in calibration text.

#include <array>
#include <string_view>

namespace program {

/// Written for this purpose. Several parts, for the other kinds of text to stand between them.
inline constexpr std::array<std::string_view, 4> calibration_languages{
    R"text(Die Stadtwerke haben angekündigt, ab Oktober drei neue Buslinien einzurichten. Sie sollen vor allem die Dörfer im Osten anbinden,
in denen bisher nur zweimal täglich ein Bus hielt. „Das wurde auch Zeit“, sagt eine Bewohnerin, die seit zwölf Jahren mit dem Rad zur
Arbeit fährt.
Frage: Wie viele Minuten hat ein halber Tag? Antwort: Ein halber Tag hat zwölf Stunden zu je 60 Minuten, also 12 · 60 = 720 Minuten.
Wenn das Gerät nicht startet, prüfen Sie zuerst, ob der Akku richtig eingesetzt ist, und halten Sie die Taste fünf Sekunden lang gedrückt.
L'eau du lac est si claire qu'on aperçoit les pierres à six mètres de profondeur. Autrefois, les habitants du hameau y lavaient leur linge ;
aujourd'hui, on y vient surtout pour nager et pour se taire. Qu'est-ce qui a changé ? Presque rien, sauf nous.
Utilisateur : Peux-tu m'expliquer la différence entre un virus et une bactérie ? Assistant : Bien sûr. Une bactérie est une cellule vivante
qui peut se multiplier seule ; un virus a besoin d'une cellule hôte. Les antibiotiques n'agissent donc pas contre les virus.
Para preparar la tortilla se pelan cuatro patatas, se cortan en láminas finas y se fríen a fuego lento con una cebolla. Mientras tanto se
baten seis huevos con un poco de sal. ¿El secreto? Dejar reposar la mezcla diez minutos antes de volver a la sartén.
El ayuntamiento aprobó ayer el presupuesto para el próximo año, que prevé más dinero para escuelas y menos para carreteras.
Utente: Quanto fa il venti per cento di 150? Assistente: Il venti per cento di 150 è 30, perché 150 × 0,20 = 30.
La vecchia bottega dell'orologiaio era piena di ticchettii, nessuno dei quali andava d'accordo con gli altri. «L'ora esatta», diceva lui,
«ce l'ha soltanto chi possiede un orologio solo». E poi rideva, pulendosi gli occhiali con la cravatta.
)text",
    R"text(A reunião começou com meia hora de atraso porque ninguém encontrava a chave da sala. Quando finalmente entraram, já tinham
decidido quase tudo no corredor. Você não acha que devíamos sempre reunir no corredor? perguntou a Inês, e todos concordaram sem votar.
De fietsenmaker op de hoek repareert niet alleen fietsen, maar ook kinderwagens, rolstoelen en af en toe een broodrooster. Hij zegt dat
alles wat draait op dezelfde manier kapotgaat. Vanaf maandag is de winkel gesloten wegens verbouwing; bestellen kan gewoon online.
W piątek wieczorem zgasło światło w całej dzielnicy. Sąsiedzi, którzy od lat mówili sobie najwyżej „dzień dobry”, wyszli na schody ze
świecami i herbatą. Kiedy po dwóch godzinach prąd wrócił, nikt nie chciał jeszcze iść do domu. Ile to jest siedem razy osiem? Pięćdziesiąt
sześć. Aby zainstalować program, pobierz plik z naszej strony, rozpakuj go i uruchom jako administrator.
Учёные измерили глубину озера в сорока точках и составили первую подробную карту дна. Оказалось, что самая глубокая впадина находится не
посередине, как считали раньше, а у северного берега. Почему так вышло, пока неясно.
— Сколько стоит билет до Твери? — Пятьсот двадцать рублей, отправление в 14:35 с третьего пути.
Бабуся саджала картоплю за старим календарем, а дід — за прогнозом погоди. Щоосені вони порівнювали врожаї, і щоосені виходило порівну.
«Земля не читає ні того, ні іншого», — казала бабуся. Запитання: яке місто є столицею України? Відповідь: столицею України є Київ.
Щоб скасувати замовлення, відкрийте розділ «Мої покупки» і натисніть кнопку «Скасувати»; гроші повернуться протягом трьох днів.
Если программа не отвечает, закройте её и проверьте журнал ошибок в папке пользователя. Обычно достаточно удалить временные файлы.
Vapur iskeleden ayrılırken martılar da peşine takıldı. Yolcular ellerindeki simitten küçük parçalar koparıp havaya atıyordu.
Karşı kıyıya varmak yirmi dakika sürüyor; ama hiç kimse acele etmiyordu. Lütfen şifrenizi en az on iki karakter olacak şekilde değiştiriniz.
)text",
    R"text(تقع القرية بين جبلين، ولا يصل إليها سوى طريق واحد ضيّق. في الشتاء يغطّيه الثلج فينقطع الناس عن المدينة أيامًا، فيقرؤون ويصلحون
أدواتهم ويحكون القصص القديمة. سؤال: ما عاصمة مصر؟ جواب: عاصمة مصر هي القاهرة.
أعلنت الشركة أن أرباحها ارتفعت بنسبة خمسة في المئة خلال العام الماضي، وأنها ستفتح فرعين جديدين قبل نهاية الصيف.
शहर की सबसे पुरानी किताबों की दुकान में एक भी सूची नहीं है। मालिक को याद है कि कौन-सी किताब कहाँ रखी है, और अगर कोई नाम भूल जाए, तो वह
कहानी सुनकर ही पहचान लेता है। प्रश्न: बारह और आठ का योग कितना है? उत्तर: बारह और आठ का योग बीस है।
城市的地铁今天早上六点开始试运行，新线路全长二十三公里，共设十五个车站。工程师介绍说，列车由计算机控制，高峰时每两分钟一班。
用户：请用一句话解释什么是通货膨胀。助手：通货膨胀是指物价普遍持续上涨，同样多的钱能买到的东西变少了。
他把信折好，放进口袋，又拿出来看了一遍。窗外的雨还没有停，楼下有人在喊他的名字。“来了！”他答应着，却没有动。
小明有二十四颗糖，给了妹妹三分之一，又吃了五颗，还剩几颗？先算给妹妹的：24 ÷ 3 = 8；再算剩下的：24 - 8 - 5 = 11。答：还剩十一颗。
請先關閉電源，再取下後蓋。如果指示燈仍然閃爍，請等待三十秒，然後重新插上電池。
ユーザー：明日の会議は何時からですか。アシスタント：午前十時から、三階の会議室で行われます。資料は前日までに共有してください。
祖父の机の引き出しには、使いかけの鉛筆が何十本も入っていた。どれも短くて、もう書けそうにない。それでも捨てなかったのは、一本ごとに
書き終えた手紙があったからだという。このソフトウェアをインストールするには、まず設定画面を開き、「更新」ボタンを押します。
この関数は、与えられた二つの整数の最大公約数を返します。引数が負の数の場合は、絶対値として計算されます。
정부는 내년부터 작은 마을의 도서관을 늘리기로 했다. 지금은 세 마을 가운데 한 곳에만 도서관이 있어서, 학생들이 책을 빌리려면 버스를 타야 한다.
질문: 물은 몇 도에서 끓나요? 답변: 평지에서는 보통 섭씨 100도에서 끓지만, 높은 산에서는 더 낮은 온도에서 끓습니다.
)text",
    R"text(Sáng sớm, chợ nổi đã đông nghịt ghe thuyền. Người bán treo thứ mình bán lên một cây sào dài: bí đỏ, dứa, hành, có khi chỉ một
chiếc nón.
Bà Tư bảo rằng ai cũng nhìn thấy hàng từ xa nên không cần rao to. Hỏi: 9 nhân 6 bằng bao nhiêu? Đáp: 9 nhân 6 bằng 54.
Theo dự báo, bão sẽ suy yếu trước khi vào đất liền, nhưng mưa lớn còn kéo dài đến hết tuần. Người dân được khuyên không nên ra khơi.
Setiap hari Minggu, warga kampung membersihkan selokan bersama-sama sebelum musim hujan tiba. Setelah selesai, mereka makan nasi uduk di
halaman balai desa. Untuk mengubah bahasa aplikasi, buka menu Pengaturan, pilih Bahasa, lalu tekan tombol Simpan.
Το καΐκι έφτασε στο νησί λίγο πριν δύσει ο ήλιος. Στην προκυμαία περίμεναν τρεις γάτες, ένας παπάς και ο ταχυδρόμος, που κρατούσε ένα μόνο
γράμμα. «Για σένα είναι», είπε. Πόσες μέρες έχει ο Φεβρουάριος; Είκοσι οκτώ, ή είκοσι εννέα όταν το έτος είναι δίσεκτο.
Το πρόγραμμα διαβάζει κάθε γραμμή του αρχείου, μετρά τις λέξεις και γράφει το αποτέλεσμα στην οθόνη.
På hösten plockar hela familjen lingon i skogen bakom huset. Mormor kokar sylt efter ett recept som aldrig har skrivits ner, och varje år
blir den lite annorlunda. Styrelsen föreslår att årsmötet höjer avgiften från 200 till 250 kronor från och med den 1 januari.
הספרייה הקטנה ברחוב שלנו פתוחה רק בימי שלישי אחר הצהריים. הספרנית מכירה כל ילד בשמו, ויודעת מראש איזה ספר הוא יבקש. שאלה: כמה צלעות יש
למשושה? תשובה: למשושה יש שש צלעות. אם המסך נשאר שחור, כבו את המכשיר, המתינו דקה והפעילו אותו שוב.
Die Katze saß auf der Fensterbank und tat so, als gehe sie der Vogel nichts an. El pájaro seguía cantando.
Vocabulary: house - Haus - maison - casa - huis - dom - дом - ev - بيت - घर - 家 - 집 - nhà - rumah - σπίτι - hus - בית
)text"};

}  // namespace program
