-- All facts of each pair: those of `features.sql`, and what the numbers' roots say as they are now.
select
    p.*, f.* exclude (id_l, id_r),
    coalesce(l.number_root = r.number_root, false) as same_root,
    coalesce(
        l.veto_root <> r.veto_root and l.veto_root is distinct from r.earlier_root
        and r.veto_root is distinct from l.earlier_root and coalesce(l.earlier_root <> r.earlier_root, true), false
    ) as two_roots
from $pairs p
join feature f on f.id_l = p.id_l and f.id_r = p.id_r
join face l on l.id = p.id_l
join face r on r.id = p.id_r
