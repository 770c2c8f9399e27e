/** Tests of alerts and dashboards: they use only metrics that the services report, and alerts fire when they should. */
@NullMarked
package io.rejoin.observability;

import org.jspecify.annotations.NullMarked;
