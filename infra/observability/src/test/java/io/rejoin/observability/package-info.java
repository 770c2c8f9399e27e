/** Whether alerts and dashboards speak of what the services tell, and whether alerts are raised when they should be. */
@NullMarked
package io.rejoin.observability;

import org.jspecify.annotations.NullMarked;
