/** The log format of all services: {@code logback.xml} and its helper class. */
@NullMarked
package io.rejoin.logging;

import org.jspecify.annotations.NullMarked;
