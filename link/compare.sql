-- How two identities' names and dates are compared. Macros of the linkage models; the dear ones come last in a CASE.

-- a word in common, or the same letters in other words
create or replace macro words_meet(a, b) as
    list_has_any(a, b) or array_to_string(a, '') = array_to_string(b, '');

-- two words alike in spelling
create or replace macro words_near(a, b) as
    list_max(list_transform(a, lambda x: list_max(list_transform(b, lambda y: jaro_winkler_similarity(x, y))))) >= 0.9;

-- one slip between two dates (YYYYMMDD): day and month swapped, one digit of them, or the last digit of the year
create or replace macro day_slip(a, b) as
    case
        when substr(a, 1, 4) = substr(b, 1, 4)
            then substr(a, 5, 4) = substr(b, 7, 2) || substr(b, 5, 2) or hamming(substr(a, 5, 4), substr(b, 5, 4)) = 1
        else substr(a, 5, 4) = substr(b, 5, 4) and substr(a, 1, 3) = substr(b, 1, 3)
    end;

-- the same but for one letter more, less, other, or two changed about
create or replace macro one_slip_at_most(a, b) as abs(length(a) - length(b)) <= 1 and damerau_levenshtein(a, b) <= 1;

-- how much the words in common tell, in bits; a word that is only alike tells half. A word is its number below its bits.
create or replace macro common_bits(a, b, near) as
    case when not list_has_any(a, near) then 0 else list_sum(list_transform(
        list_intersect(a, b) || list_intersect(a, near), lambda w: w >> 32)) / 2 end;
