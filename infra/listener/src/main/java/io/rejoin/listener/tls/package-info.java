/** TLS for a listener: a certificate and its key, from PEM files that may be replaced at any time. */
@NullMarked
package io.rejoin.listener.tls;

import org.jspecify.annotations.NullMarked;
