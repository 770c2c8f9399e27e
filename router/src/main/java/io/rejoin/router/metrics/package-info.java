/** What a router counts. */
@NullMarked
package io.rejoin.router.metrics;

import org.jspecify.annotations.NullMarked;
