"""Links on bluetoothd and a real kernel: the same stories as on the virtual radio, word for word."""

from __future__ import annotations

# Imported, they are collected here too and get this folder's radio.
from test_hub import (  # noqa: F401
    test_a_device_is_free_again_once_let_go,
    test_closing_disconnects_every_device,
    test_each_device_speaks_under_its_own_name,
    test_found_devices_are_those_a_driver_knows_and_nobody_has,
    test_nothing_is_read_from_a_device_nobody_has,
)
from test_link import (  # noqa: F401
    test_a_battery_level_alone_does_not_make_an_oximeter,
    test_a_command_is_sent_in_pieces,
    test_a_command_off_the_list_is_never_sent,
    test_a_command_the_device_refuses_is_a_failure_in_words,
    test_a_device_out_of_range_is_searched_until_it_is_back,
    test_a_device_with_another_protocol_is_named_as_such,
    test_a_drop_is_lost_with_a_reason_and_then_live_again,
    test_a_link_that_stays_silent_is_made_anew,
    test_a_poll_is_repeated_and_ends_with_its_link,
    test_connects_and_hands_on_what_comes,
    test_half_a_frame_is_forgotten_with_its_connection,
    test_letting_go_while_connecting_leaves_nothing_behind,
    test_silence_is_a_state_that_data_ends,
    test_something_missing_is_told_and_the_rest_goes_on,
    test_what_a_driver_asks_for_later_is_done_too,
)
