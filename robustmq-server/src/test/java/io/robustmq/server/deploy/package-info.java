/** The files that deploy the broker, held to what the broker and its platforms know: nothing is started. */
@NullMarked
package io.robustmq.server.deploy;

import org.jspecify.annotations.NullMarked;
