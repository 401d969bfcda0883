/* SPDX-License-Identifier: ISC */
#include "conf/well_known.h"

#include <stddef.h>

#include "base/near.h"

static const char *const servers[] = {
	"email-smtp.eu-west-1.amazonaws.com",
	"email-smtp.us-east-1.amazonaws.com",
	"mail.gandi.net",
	"mail.gmx.net",
	"smtp-mail.outlook.com",
	"smtp.126.com",
	"smtp.163.com",
	"smtp.aliyun.com",
	"smtp.aol.com",
	"smtp.docomo.ne.jp",
	"smtp.exmail.qq.com",
	"smtp.fastmail.com",
	"smtp.gmail.com",
	"smtp.mail.me.com",
	"smtp.mail.ru",
	"smtp.mail.yahoo.co.jp",
	"smtp.mail.yahoo.com",
	"smtp.mailgun.org",
	"smtp.nifty.com",
	"smtp.office365.com",
	"smtp.postmarkapp.com",
	"smtp.qq.com",
	"smtp.sendgrid.net",
	"smtp.sina.com",
	"smtp.web.de",
	"smtp.yandex.com",
	"smtp.zoho.com",
};

const char *
well_known_near(const char *host)
{
	struct near near = near_start(span_of(host));

	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
		near_try(&near, servers[i]);
	return near.best;
}
