/* SPDX-License-Identifier: ISC
 *
 * gnutls.h - what is used of GnuTLS, as functions of a table: gnutls.init() is
 * gnutls_init(). The library is loaded when it is first needed (base/library.h).
 */
#ifndef NET_GNUTLS_H
#define NET_GNUTLS_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

#include "base/outcome.h"

#define GNUTLS_FUNCTIONS(X)                                                              \
	X(alert_get)                                                                     \
	X(alert_get_name)                                                                \
	X(bye)                                                                           \
	X(certificate_allocate_credentials)                                              \
	X(certificate_client_get_request_status)                                         \
	X(certificate_free_credentials)                                                  \
	X(certificate_get_peers)                                                         \
	X(certificate_set_pin_function)                                                  \
	X(certificate_set_x509_crl_mem)                                                  \
	X(certificate_set_x509_key_file)                                                 \
	X(certificate_set_x509_key_mem)                                                  \
	X(certificate_set_x509_system_trust)                                             \
	X(certificate_set_x509_trust_mem)                                                \
	X(certificate_verification_status_print)                                         \
	X(certificate_verify_peers)                                                      \
	X(credentials_set)                                                               \
	X(deinit)                                                                        \
	X(dh_set_prime_bits)                                                             \
	X(free)                                                                          \
	X(global_init)                                                                   \
	X(handshake)                                                                     \
	X(init)                                                                          \
	X(priority_set_direct)                                                           \
	X(protocol_get_version)                                                          \
	X(record_get_direction)                                                          \
	X(record_recv)                                                                   \
	X(record_send)                                                                   \
	X(server_name_set)                                                               \
	X(session_channel_binding)                                                       \
	X(session_ext_master_secret_status)                                              \
	X(session_get_desc)                                                              \
	X(set_default_priority_append)                                                   \
	X(strerror)                                                                      \
	X(transport_set_errno)                                                           \
	X(transport_set_ptr)                                                             \
	X(transport_set_pull_function)                                                   \
	X(transport_set_vec_push_function)                                               \
	X(url_is_supported)                                                              \
	X(x509_crt_check_issuer)                                                         \
	X(x509_crt_deinit)                                                               \
	X(x509_crt_export2)                                                              \
	X(x509_crt_get_activation_time)                                                  \
	X(x509_crt_get_dn3)                                                              \
	X(x509_crt_get_dn_by_oid)                                                        \
	X(x509_crt_get_expiration_time)                                                  \
	X(x509_crt_get_fingerprint)                                                      \
	X(x509_crt_get_issuer_dn)                                                        \
	X(x509_crt_get_issuer_dn3)                                                       \
	X(x509_crt_get_key_id)                                                           \
	X(x509_crt_get_subject_alt_name)                                                 \
	X(x509_crt_import)                                                               \
	X(x509_crt_import_url)                                                           \
	X(x509_crt_init)                                                                 \
	X(x509_crt_set_activation_time)                                                  \
	X(x509_crt_set_dn_by_oid)                                                        \
	X(x509_crt_set_expiration_time)                                                  \
	X(x509_crt_set_key)                                                              \
	X(x509_crt_set_serial)                                                           \
	X(x509_crt_set_subject_alt_name)                                                 \
	X(x509_crt_set_version)                                                          \
	X(x509_crt_sign2)                                                                \
	X(x509_privkey_deinit)                                                           \
	X(x509_privkey_export2)                                                          \
	X(x509_privkey_generate)                                                         \
	X(x509_privkey_init)

#define GNUTLS_MEMBER(name) __typeof__(gnutls_##name) *(name);

/* gnutls_free is a variable, and so (*gnutls.free)() is what it holds. */
extern struct gnutls {
	GNUTLS_FUNCTIONS(GNUTLS_MEMBER)
} gnutls;

/* To be called before all others. Fails with CAUSE_SYSTEM. */
bool gnutls_ready(struct outcome *o);

#endif
