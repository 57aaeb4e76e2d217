/** Domains at which anybody gets an address: whoever owned one could let strangers in. By registrable domain; those below them are meant too. */
export const PUBLIC_MAIL_DOMAINS: ReadonlySet<string> = new Set(
  `126.com 139.com 163.com 1und1.de 21cn.com alice.it aliceadsl.fr aol.com aol.de arcor.de att.net bell.net bellsouth.net bigpond.com
   bk.ru bluewin.ch bol.com.br btinternet.com caramail.com charter.net comcast.net cox.net daum.net disroot.org dispostable.com
   duck.com earthlink.net email.com email.cz email.de ethereal.email excite.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de
   freemail.hu frontier.com gawab.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net gmx.us googlemail.com guerrillamail.com
   hanmail.net hey.com hotmail.be hotmail.ca hotmail.co.jp hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it
   hotmail.nl hotmail.se hushmail.com icloud.com ig.com.br iinet.net.au inbox.com inbox.lv inbox.ru interia.pl juno.com keemail.me
   laposte.net libero.it list.ru live.at live.be live.ca live.cn live.co.uk live.com live.com.au live.com.mx live.de live.dk live.fr
   live.it live.jp live.nl live.no live.se lycos.com mac.com mail.bg mail.com mail.de mail.ee mail.ru mailbox.org mailfence.com
   mailinator.com me.com msn.com mweb.co.za mykolab.com naver.com neuf.fr nate.com netcologne.de netscape.net netzero.net ntlworld.com
   o2.pl onet.pl online.de optonline.net orange.fr outlook.at outlook.be outlook.co outlook.com outlook.com.br outlook.de outlook.dk
   outlook.es outlook.fr outlook.in outlook.it outlook.jp ozemail.com.au passport.com pm.me posteo.de posteo.net pobox.com poczta.onet.pl
   prodigy.net proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com riseup.net rocketmail.com rogers.com runbox.com
   sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sharklasers.com simplelogin.com sina.cn sina.com skynet.be sohu.com startmail.com
   swbell.net sympatico.ca t-online.de talktalk.net telenet.be telia.com telus.net temp-mail.org tele2.nl terra.com.br tin.it
   tiscali.co.uk tiscali.it tutamail.com tutanota.com tutanota.de tuta.com tuta.io uol.com.br ukr.net verizon.net versatel.nl
   virgilio.it virginmedia.com vodafone.de voila.fr vp.pl wanadoo.fr web.de windstream.net wp.pl xtra.co.nz ya.ru yahoo.ca yahoo.cn
   yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.kr yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx
   yahoo.com.ph yahoo.com.sg yahoo.com.tw yahoo.de yahoo.es yahoo.fr yahoo.gr yahoo.in yahoo.it yahoo.pl yahoo.se yandex.by
   yandex.com yandex.kz yandex.ru yandex.ua yeah.net ymail.com yopmail.com ziggo.nl zoho.com zohomail.com zoznam.sk`.split(/\s+/),
);
