/** Makes missing topics, and checks the settings of existing ones. */
@NullMarked
package io.rejoin.router.topics;

import org.jspecify.annotations.NullMarked;
