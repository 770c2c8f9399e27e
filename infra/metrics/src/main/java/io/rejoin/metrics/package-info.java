/** The metrics of a service, and the page where Prometheus reads them. */
@NullMarked
package io.rejoin.metrics;

import org.jspecify.annotations.NullMarked;
