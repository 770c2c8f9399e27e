/** The chart is rendered by Helm itself, and what comes out is looked at. */
@NullMarked
package io.rejoin.helm;

import org.jspecify.annotations.NullMarked;
