-- A register of schema 1, as the first workbench that had one made it. Never changed.
PRAGMA application_id = 1381450311;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE accounts (
	id TEXT NOT NULL, 
	name TEXT, 
	salt BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "accounts" VALUES('acct-c7840e02b1da8968','mara',X'97DCABD4AA1B1C0F0585F9A101AAE015');
INSERT INTO "accounts" VALUES('acct-590b212c88ee1a0b','tom',X'0D0F653525C515D9359D0E90B9ABD642');
CREATE TABLE checkpoints (
	size INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (size)
);
INSERT INTO "checkpoints" VALUES(6,'risk-workbench/register/e5b809621ef7b9e2
6
b9KqAMJTjnhbDIONikIA+O3dQ1v8I4uvIhkvqf7pfFo=

— risk-workbench/register/e5b809621ef7b9e2 a26d63ABWIr9OZdddLm0u9TLc8toTHAkTyluETaSaroXLXsh/yQnT9Tar9yU7cv1g36+HIooYcMFMx8bzH/KHseG7wk=
');
INSERT INTO "checkpoints" VALUES(8,'risk-workbench/register/e5b809621ef7b9e2
8
2qsQ3Av77bPQvqzRKC5Gn3mR5RvLm6+Ss+eTdwpPooI=

— risk-workbench/register/e5b809621ef7b9e2 a26d6xT22598aahz3u3bdTWqp/wzy4hTXw+cvZpswtMpII1xoWOH6xXOO6HmfcfRUZVyFgVvJlBTrfVGrwSNWGwFig4=
');
CREATE TABLE drafts (
	"by" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	base INTEGER NOT NULL, 
	time TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY ("by", kind, id), 
	FOREIGN KEY("by") REFERENCES accounts (id)
);
INSERT INTO "drafts" VALUES('acct-c7840e02b1da8968','link','tie',2,'2026-11-29T09:00:08.000000Z','{"scenario":"S1"}');
CREATE TABLE items (
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	name TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (kind, id)
)
 WITHOUT ROWID

;
INSERT INTO "items" VALUES('link','tie',2,'approved','T2','dae59a91301f786e172ebbb55eda45618c44c710f2852dab2996f00a96deaa5c',5);
INSERT INTO "items" VALUES('scenario','lender/S1',1,'draft','One','b7fd36fc3dc877fba97953bb625248de7a6179b1d654cf7138020aab3f8eee6d',1);
INSERT INTO "items" VALUES('study','lender',3,'draft','Scenario table','8941925a2305f9356ace45aba1708748c731cbdae21b4cdf68458dbdf2ff6bcf',7);
CREATE TABLE log (
	seq INTEGER NOT NULL, 
	"by" TEXT NOT NULL, 
	act TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	FOREIGN KEY("by") REFERENCES accounts (id)
);
INSERT INTO "log" VALUES(0,'acct-c7840e02b1da8968','open','{"act":"open","by":"acct-c7840e02b1da8968","details":{"verifier":"risk-workbench/register/e5b809621ef7b9e2+6b6e9deb+AXrbNA/Sn3Je3kyOBF4/vq/36TgQfV4ctC5+lnRhriTl"},"format":1,"reason":"","root":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","rows":0,"seq":0,"time":"2026-11-29T09:00:01.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(1,'acct-c7840e02b1da8968','create','{"act":"create","by":"acct-c7840e02b1da8968","details":{},"format":1,"reason":"begun","root":"c18c43bb78ad8fdbe191ccb8a90b096887e06bb0ff938bf06beb27da229e3b45","rows":2,"seq":1,"time":"2026-11-29T09:00:02.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(2,'acct-c7840e02b1da8968','create','{"act":"create","by":"acct-c7840e02b1da8968","details":{},"format":1,"reason":"","root":"17c1db3054af91c4954bbacfb5cfede9381298dfcee82fd8d4b3a2e1c63a112d","rows":1,"seq":2,"time":"2026-11-29T09:00:03.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(3,'acct-c7840e02b1da8968','edit','{"act":"edit","by":"acct-c7840e02b1da8968","details":{},"format":1,"reason":"better","root":"6061d7770e8b45bee58131fe1c567643ce767812e5b39e3b2f62a5c04a2daddd","rows":1,"seq":3,"time":"2026-11-29T09:00:04.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(4,'acct-c7840e02b1da8968','submit','{"act":"submit","by":"acct-c7840e02b1da8968","details":{},"format":1,"reason":"","root":"3328ef5492bf1d5e59a91556ae2b044a344b9adb9fc3ebfcd352cc8e8d9e604f","rows":1,"seq":4,"time":"2026-11-29T09:00:05.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(5,'acct-590b212c88ee1a0b','approve','{"act":"approve","by":"acct-590b212c88ee1a0b","details":{},"format":1,"reason":"agreed","root":"82e502a1c1726695a4fe0aac48b82ce7dc943c667b32ee85d341078a9513273b","rows":1,"seq":5,"time":"2026-11-29T09:00:06.000000Z","who":"f9330e4ac2830b50f31543f5d2c50c08e454370a6e41ff52ca5208af631c78bd"}');
INSERT INTO "log" VALUES(6,'acct-c7840e02b1da8968','edit','{"act":"edit","by":"acct-c7840e02b1da8968","details":{},"format":1,"reason":"","root":"eddf7a140f1e43f98922062be6fcc9d6793f234fe35564ad2a471fcb7097ab47","rows":1,"seq":6,"time":"2026-11-29T09:00:07.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
INSERT INTO "log" VALUES(7,'acct-c7840e02b1da8968','undo','{"act":"undo","by":"acct-c7840e02b1da8968","details":{"of":6},"format":1,"reason":"undo of edit 6","root":"e3eaa57615ea503d28d4f355b4129688f331c757870832bf0783c3b508e907ac","rows":1,"seq":7,"time":"2026-11-29T09:00:09.000000Z","who":"a1713df32f57628a8b1ae6930280a1d844f250857a73cef550e0ba16fd82973e"}');
CREATE TABLE register (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "register" VALUES('schema','1');
INSERT INTO "register" VALUES('origin','risk-workbench/register/e5b809621ef7b9e2');
INSERT INTO "register" VALUES('verifier','risk-workbench/register/e5b809621ef7b9e2+6b6e9deb+AXrbNA/Sn3Je3kyOBF4/vq/36TgQfV4ctC5+lnRhriTl');
CREATE TABLE requests (
	id TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(seq) REFERENCES log (seq)
);
INSERT INTO "requests" VALUES('page-1',3);
CREATE TABLE touched (
	seq INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (seq, place), 
	FOREIGN KEY(kind, id, version) REFERENCES versions (kind, id, version), 
	FOREIGN KEY(seq) REFERENCES log (seq)
)
 WITHOUT ROWID

;
INSERT INTO "touched" VALUES(1,0,'study','lender',1,'draft','8941925a2305f9356ace45aba1708748c731cbdae21b4cdf68458dbdf2ff6bcf');
INSERT INTO "touched" VALUES(1,1,'scenario','lender/S1',1,'draft','b7fd36fc3dc877fba97953bb625248de7a6179b1d654cf7138020aab3f8eee6d');
INSERT INTO "touched" VALUES(2,0,'link','tie',1,'draft','842ee98c951b97a3dbdc02cc0f28a3b90f32e4a0ce05e06fedaa5313cb2b7d76');
INSERT INTO "touched" VALUES(3,0,'link','tie',2,'draft','dae59a91301f786e172ebbb55eda45618c44c710f2852dab2996f00a96deaa5c');
INSERT INTO "touched" VALUES(4,0,'link','tie',2,'in review','dae59a91301f786e172ebbb55eda45618c44c710f2852dab2996f00a96deaa5c');
INSERT INTO "touched" VALUES(5,0,'link','tie',2,'approved','dae59a91301f786e172ebbb55eda45618c44c710f2852dab2996f00a96deaa5c');
INSERT INTO "touched" VALUES(6,0,'study','lender',2,'draft','0fd737136c5951cc6e1b72985dbebccf21ae860b5c9088cf57909b4ac0cc7e4f');
INSERT INTO "touched" VALUES(7,0,'study','lender',3,'draft','8941925a2305f9356ace45aba1708748c731cbdae21b4cdf68458dbdf2ff6bcf');
CREATE TABLE versions (
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	body TEXT, 
	PRIMARY KEY (kind, id, version)
);
INSERT INTO "versions" VALUES('study','lender',1,'{"assets":[],"currency":"USD","name":"Scenario table","scenarios":["S1"],"seed":1}');
INSERT INTO "versions" VALUES('scenario','lender/S1',1,'{"id":"S1","loss_event_frequency":{"type":"point","value":1.0},"loss_magnitude":{"type":"point","value":2.0},"name":"One"}');
INSERT INTO "versions" VALUES('link','tie',1,'{"scenario":"S1","threats":["T1"],"why":""}');
INSERT INTO "versions" VALUES('link','tie',2,'{"scenario":"S1","threats":["T2"],"why":""}');
INSERT INTO "versions" VALUES('study','lender',2,'{"assets":[],"currency":"USD","name":"Renamed","scenarios":["S1"],"seed":1}');
INSERT INTO "versions" VALUES('study','lender',3,'{"assets":[],"currency":"USD","name":"Scenario table","scenarios":["S1"],"seed":1}');
CREATE INDEX log_by ON log ("by", seq);
CREATE INDEX touched_item ON touched (kind, id, version);
COMMIT;
