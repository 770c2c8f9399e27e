/** What a service counts, and the page where Prometheus reads it. */
@NullMarked
package io.rejoin.metrics;

import org.jspecify.annotations.NullMarked;
