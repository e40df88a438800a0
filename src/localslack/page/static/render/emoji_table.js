// The emoji that people use at work, with the short names that Slack gives them (emoji-data).

/**
 * One emoji a line: the character, its short names (the first is the canonical one), and after a
 * bar further words that people search it by. In the order of the picker. The server reads it, too.
 */
export const TABLE = `
👍 +1 thumbsup | yes ok agree approve like good
👎 -1 thumbsdown | no disagree dislike bad
✅ white_check_mark | done yes complete ok tick
👀 eyes | look watching seen review
🎉 tada | party celebrate congratulations hooray
🙌 raised_hands | praise hooray
❤️ heart | love like
😂 joy | laugh tears funny
🙏 pray | please thanks thank you
💯 100 | perfect agree
🚀 rocket | launch ship deploy release
🔥 fire | hot incident lit
👏 clap | applause bravo
🤔 thinking_face thinking | hmm consider
😄 smile | happy glad
😀 grinning | happy
😃 smiley | happy
😁 grin | happy teeth
😆 laughing satisfied | happy lol
😅 sweat_smile | relief phew nervous
🤣 rolling_on_the_floor_laughing rofl | lol funny
😊 blush | smile pleased
🙂 slightly_smiling_face | smile
🙃 upside_down_face | irony silly
😉 wink | joke
😌 relieved | calm
😍 heart_eyes | love
🥰 smiling_face_with_3_hearts | love
😘 kissing_heart | love kiss
😎 sunglasses | cool
🤩 star-struck | wow amazing
🥳 partying_face | birthday celebrate
😏 smirk | sly
😒 unamused | meh
😞 disappointed | sad
😔 pensive | sad
😟 worried | concern
😕 confused | puzzled
🙁 slightly_frowning_face | sad
😣 persevere | struggle
😩 weary | tired
😢 cry | sad tear
😭 sob | sad cry
😤 triumph | frustrated
😠 angry | mad
😡 rage | angry mad
🤬 face_with_symbols_on_mouth | swear
🤯 exploding_head | mind blown wow
😳 flushed | embarrassed
😱 scream | fear shock
😨 fearful | scared
😰 cold_sweat | anxious
😬 grimacing | awkward oops
🙄 face_with_rolling_eyes | annoyed
😴 sleeping | tired asleep
🥱 yawning_face | tired bored
😷 mask | sick
🤒 face_with_thermometer | sick ill
🤕 face_with_head_bandage | hurt
🤢 nauseated_face | sick
🤧 sneezing_face | sick cold
🥵 hot_face | heat
🥶 cold_face | freezing
🤗 hugging_face hugs | thanks
🤓 nerd_face | geek
🧐 face_with_monocle | inspect curious
🤫 shushing_face | quiet secret
🤭 face_with_hand_over_mouth | oops giggle
🤥 lying_face | lie
😶 no_mouth | silent
😐 neutral_face | meh
😑 expressionless | meh
🫠 melting_face | heat embarrassed
🫡 saluting_face | yes sir salute
🥲 smiling_face_with_tear | bittersweet
😇 innocent | angel
🤠 face_with_cowboy_hat | yeehaw
🤡 clown_face | joke
😈 smiling_imp | devil mischief
👻 ghost | halloween
💀 skull | dead
💩 hankey poop | bad
🤖 robot_face | bot ai assistant
👽 alien | ufo
🎃 jack_o_lantern | halloween
😺 smiley_cat | cat
🙈 see_no_evil | monkey oops
🙉 hear_no_evil | monkey
🙊 speak_no_evil | monkey secret
👋 wave | hello hi bye
✋ hand raised_hand | stop high five
🖐️ raised_hand_with_fingers_splayed | five
👌 ok_hand | perfect fine
🤌 pinched_fingers | italian
✌️ v | peace victory
🤞 crossed_fingers hand_with_index_and_middle_fingers_crossed | luck hope
🤟 i_love_you_hand_sign | love
🤘 the_horns sign_of_the_horns | rock metal
🤙 call_me_hand | call
👈 point_left | left this
👉 point_right | right this
👆 point_up_2 | above this
👇 point_down | below this
☝️ point_up | one this
✊ fist | power
👊 facepunch punch | bump
🤜 right-facing_fist | bump
🤛 left-facing_fist | bump
🤝 handshake | deal agree
💪 muscle | strong
🫶 heart_hands | love thanks
👐 open_hands | hug
🤲 palms_up_together | please
✍️ writing_hand | write note
🧠 brain | think mind
👁️ eye | look
👂 ear | listen
👤 bust_in_silhouette | user person
👥 busts_in_silhouette | users team people
🙋 raising_hand | question me
🤷 shrug | dunno whatever
🤦 face_palm facepalm | oops
🙇 bow | sorry thanks
💁 information_desk_person | help
🙅 no_good | no
🙆 ok_woman | ok
🏃 runner running | run hurry
🚶 walking | walk
💃 dancer | dance
🧑‍💻 technologist | developer coder laptop
👷 construction_worker | build work
🕵️ sleuth_or_spy | detective investigate
🥷 ninja | stealth
🦸 superhero | hero
🧙 mage | wizard magic
👮 cop | police
❌ x | no wrong cancel failed
✔️ heavy_check_mark | done yes tick
☑️ ballot_box_with_check | done checkbox
⛔ no_entry | stop forbidden
🚫 no_entry_sign | forbidden not allowed
🛑 octagonal_sign stop_sign | stop
⚠️ warning | caution careful
🚨 rotating_light | alert incident emergency
❓ question | what help
❔ grey_question | what
❗ exclamation heavy_exclamation_mark | important
❕ grey_exclamation | important
‼️ bangbang | important
⁉️ interrobang | what
ℹ️ information_source | info
🆗 ok | fine
🆕 new | fresh
🆘 sos | help emergency
🔁 repeat | again retry loop
🔄 arrows_counterclockwise | refresh sync reload
♻️ recycle | refactor reuse
🔃 arrows_clockwise | refresh reload
⏩ fast_forward | skip
⏪ rewind | back revert
⏸️ double_vertical_bar pause_button | pause wait
▶️ arrow_forward | play start
⏹️ black_square_for_stop | stop
⏭️ black_right_pointing_double_triangle_with_vertical_bar | next
➡️ arrow_right | next
⬅️ arrow_left | back
⬆️ arrow_up | up
⬇️ arrow_down | down
↗️ arrow_upper_right | growth
↘️ arrow_lower_right | decline
↩️ leftwards_arrow_with_hook | reply back
🔙 back | return
🔝 top | best
➕ heavy_plus_sign | add
➖ heavy_minus_sign | remove
✖️ heavy_multiplication_x | times
🟰 heavy_equals_sign | equal
0️⃣ zero | number
1️⃣ one | number first
2️⃣ two | number second
3️⃣ three | number third
4️⃣ four | number
5️⃣ five | number
6️⃣ six | number
7️⃣ seven | number
8️⃣ eight | number
9️⃣ nine | number
🔟 keycap_ten | number ten
🔴 red_circle | stop down critical
🟠 large_orange_circle | degraded
🟡 large_yellow_circle | degraded waiting
🟢 large_green_circle | ok up healthy
🔵 large_blue_circle | info
🟣 large_purple_circle | purple
⚪ white_circle | none
⚫ black_circle | none
🟥 large_red_square | stop
🟩 large_green_square | ok
🟨 large_yellow_square | waiting
🔺 small_red_triangle | up
🔻 small_red_triangle_down | down
🔸 small_orange_diamond | bullet
🔹 small_blue_diamond | bullet
💬 speech_balloon | comment chat message
💭 thought_balloon | think
🗯️ right_anger_bubble | angry
💤 zzz | sleep
💥 boom collision | crash broken
💫 dizzy | star
✨ sparkles | new magic clean ai
⭐ star | favourite
🌟 star2 | favourite
🌈 rainbow | pride
☀️ sunny sun | weather
⛅ partly_sunny | weather
☁️ cloud | weather hosting
🌧️ rain_cloud | weather
⛈️ thunder_cloud_and_rain | storm
❄️ snowflake | cold freeze winter
⚡ zap | fast lightning power
💧 droplet | water leak
🌊 ocean | wave
🌍 earth_africa | world
🌎 earth_americas | world
🌏 earth_asia | world
🌐 globe_with_meridians | web internet network
🌱 seedling | grow seed
🌲 evergreen_tree | tree
🌳 deciduous_tree | tree
🌴 palm_tree | holiday vacation
🍀 four_leaf_clover | luck
🌹 rose | flower
🌻 sunflower | flower
🌸 cherry_blossom | flower
💐 bouquet | flowers thanks
🍂 fallen_leaf | autumn
🐛 bug | defect issue
🐞 ladybug beetle | defect bug
🐝 bee honeybee | busy
🦆 duck | debug rubber
🐧 penguin | linux
🐳 whale | docker container
🐙 octopus | github
🐍 snake | python
🐘 elephant | postgres
🦀 crab | rust
🐢 turtle | slow
🐌 snail | slow
🐇 rabbit2 | fast
🐶 dog | pet
🐱 cat | pet
🦊 fox_face | animal
🐻 bear | animal
🐼 panda_face | animal
🦁 lion_face | animal
🐯 tiger | animal
🦄 unicorn_face | magic
🐴 horse | animal
🐷 pig | animal
🐸 frog | animal
🐵 monkey_face | animal
🐔 chicken | animal
🪿 goose | animal
🦜 parrot | party repeat
🦉 owl | night wise
🦋 butterfly | pretty
🐟 fish | animal
🦈 shark | animal
🕷️ spider | crawler web
🦖 t-rex | legacy dinosaur
☕ coffee | break cafe
🍵 tea | break
🍺 beer | drink
🍻 beers | cheers drink
🥂 clinking_glasses | cheers toast
🍷 wine_glass | drink
🍾 champagne | celebrate
🍕 pizza | lunch food
🍔 hamburger | lunch food
🍟 fries | food
🌮 taco | thanks food
🥗 green_salad | lunch food
🍣 sushi | food
🍜 ramen | food
🥐 croissant | breakfast
🥨 pretzel | snack
🍞 bread | food
🧀 cheese_wedge | food
🍎 apple | fruit
🍌 banana | fruit
🍋 lemon | fruit
🍓 strawberry | fruit
🥑 avocado | fruit
🍫 chocolate_bar | sweet
🍪 cookie | sweet
🍩 doughnut | sweet
🍰 cake | sweet
🎂 birthday | cake anniversary
🍿 popcorn | watch
🧂 salt | salty
🎈 balloon | birthday
🎁 gift | present
🏆 trophy | win award
🥇 first_place_medal | win gold
🥈 second_place_medal | silver
🥉 third_place_medal | bronze
🏅 sports_medal | award
🎯 dart | goal target exact
🎲 game_die | random chance
🎮 video_game | play
🧩 jigsaw puzzle_piece | puzzle fit
⚽ soccer | football
🏀 basketball | sport
🎾 tennis | sport
🏓 table_tennis_paddle_and_ball | ping pong
🏁 checkered_flag | finish
🚩 triangular_flag_on_post | red flag warning
🏳️ waving_white_flag | surrender
🎬 clapper | action film
🎨 art | design style
🎵 musical_note | music
🎧 headphones | music focus
🎤 microphone | speak
🎸 guitar | music
🎺 trumpet | fanfare
📣 mega | announce
📢 loudspeaker | announce
🔔 bell | notify alert reminder
🔕 no_bell | mute quiet
🔇 mute | quiet
🔊 loud_sound | volume
💻 computer | laptop work
🖥️ desktop_computer | screen
⌨️ keyboard | type
🖱️ computer_mouse three_button_mouse | click
🖨️ printer | print
📱 iphone | phone mobile
☎️ phone telephone | call
📞 telephone_receiver | call
📟 pager | on-call oncall
📡 satellite_antenna | signal
🔋 battery | power energy
🪫 low_battery | tired
🔌 electric_plug | power
💾 floppy_disk | save
💿 cd | disk
📷 camera | photo
📸 camera_with_flash | screenshot
🎥 movie_camera | video
📺 tv | watch
🔍 mag | search find
🔎 mag_right | search find
💡 bulb | idea
🔦 flashlight torch | light
🕯️ candle | light
📝 memo pencil | note write
✏️ pencil2 | edit
🖊️ lower_left_ballpoint_pen | sign
📎 paperclip | attach
🔗 link | url
📌 pushpin | pin
📍 round_pushpin | place
✂️ scissors | cut
📄 page_facing_up | document
📃 page_with_curl | document
📑 bookmark_tabs | documents
🔖 bookmark | save
📚 books | docs documentation library
📖 book open_book | read docs
📓 notebook | notes
📒 ledger | notes
📰 newspaper | news
📜 scroll | log history policy
📋 clipboard | list checklist
📁 file_folder | folder
📂 open_file_folder | folder
🗂️ card_index_dividers | files
📊 bar_chart | statistics metrics
📈 chart_with_upwards_trend | growth metrics
📉 chart_with_downwards_trend | decline metrics
📅 date | calendar
📆 calendar | schedule
🗓️ spiral_calendar_pad | schedule
⏰ alarm_clock | time
⏱️ stopwatch | time measure
⏲️ timer_clock | time
⌛ hourglass | wait time
⏳ hourglass_flowing_sand | wait time
🕐 clock1 | time
🕒 clock3 | time
🕛 clock12 | time
✉️ email envelope | mail
📧 e-mail | mail
📨 incoming_envelope | mail
📬 mailbox_with_mail | mail
📥 inbox_tray | inbox
📤 outbox_tray | sent
📦 package | release box ship
🏷️ label | tag
💰 moneybag | money
💸 money_with_wings | cost spend
💵 dollar | money
💳 credit_card | pay
🧾 receipt | invoice
💎 gem | ruby
⚖️ scales | legal balance
🔧 wrench | fix tool
🔨 hammer | build tool
⚒️ hammer_and_pick | tools
🛠️ hammer_and_wrench | tools fix
🔩 nut_and_bolt | tool
⚙️ gear | settings config
🧰 toolbox | tools
🪛 screwdriver | tool
🔬 microscope | science research
🔭 telescope | observe
🧪 test_tube | test experiment
🧬 dna | science
💊 pill | medicine
💉 syringe | injection
🩹 adhesive_bandage | patch hotfix
🧯 fire_extinguisher | incident
🧹 broom | clean up
🗑️ wastebasket | delete trash
🚽 toilet | flush
🔒 lock | secure closed
🔓 unlock | open
🔐 closed_lock_with_key | secure
🔑 key | password secret
🛡️ shield | security
💣 bomb | danger
🧨 firecracker | danger
🪄 magic_wand | magic
🔮 crystal_ball | predict future
🧲 magnet | attract
🧱 bricks | wall build
🪵 wood | log logs
🏠 house | home
🏡 house_with_garden | home remote
🏢 office | work building
🏭 factory | production
🏥 hospital | health
🏦 bank | money
🏫 school | learn
🏖️ beach_with_umbrella | holiday vacation
🏝️ desert_island | holiday
⛰️ mountain | nature
🏔️ snow_capped_mountain | nature
🌆 city_sunset | city
🌃 night_with_stars | night
🌙 crescent_moon | night
🚗 car red_car | drive
🚕 taxi | ride
🚌 bus | commute
🚂 steam_locomotive | train release
🚋 train | commute tram
🚆 train2 | commute
🚲 bike | commute
🛴 scooter | commute
✈️ airplane | travel flight
🛫 airplane_departure | travel
🛬 airplane_arriving | travel
🚁 helicopter | fly
⛵ boat sailboat | sail
🚢 ship | deploy
⚓ anchor | harbour
🚧 construction | wip work in progress
🚦 vertical_traffic_light | traffic
🚑 ambulance | emergency hotfix
🚒 fire_engine | emergency
🚓 police_car | emergency
🧭 compass | direction
🗺️ world_map | roadmap
🧳 luggage | travel
🎓 mortar_board | graduate learn
👑 crown | king queen
🎩 tophat | hat
👓 eyeglasses | read
🥽 goggles | see
🧤 gloves | cold
👟 athletic_shoe | run
💍 ring | wedding
💄 lipstick | cosmetic
🎒 school_satchel | bag
☂️ umbrella | rain
☔ umbrella_with_rain_drops | rain
🎄 christmas_tree | holiday
🎅 santa | christmas
🎆 fireworks | celebrate
🎊 confetti_ball | party celebrate
🪩 mirror_ball | party
🧡 orange_heart | love
💛 yellow_heart | love
💚 green_heart | love
💙 blue_heart | love
💜 purple_heart | love
🖤 black_heart | love
🤍 white_heart | love
💔 broken_heart | sad
💕 two_hearts | love
💖 sparkling_heart | love
💘 cupid | love
♾️ infinity | forever
🔢 1234 | numbers
🔤 abc | letters
🆒 cool | nice
🆓 free | gratis
🏴‍☠️ pirate_flag | pirate
🇪🇺 flag-eu | europe
🇺🇸 flag-us us | usa america
🇬🇧 flag-gb gb uk | britain
🇩🇪 flag-de de | germany
🇫🇷 flag-fr fr | france
🇪🇸 flag-es es | spain
🇮🇹 flag-it it | italy
🇯🇵 flag-jp jp | japan
🇮🇳 flag-in | india
🇨🇦 flag-ca | canada
🇵🇱 flag-pl | poland
`;
