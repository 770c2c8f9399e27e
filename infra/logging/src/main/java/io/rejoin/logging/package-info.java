/** How all services write their logs: {@code logback.xml}, and what it needs. */
@NullMarked
package io.rejoin.logging;

import org.jspecify.annotations.NullMarked;
